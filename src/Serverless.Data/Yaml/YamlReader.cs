using Serverless.Data.Values;
using YamlDotNet.Core;

namespace Serverless.Data.Yaml;

/// <summary>Reads one YAML document into <see cref="DataNode"/>s with line numbers, as DVC does: YAML 1.2 scalars, no duplicate keys,
/// standard tags only. Every error is a <see cref="ServerlessException"/> with file and line.</summary>
public static class YamlReader
{
    /// <summary>Longer files are no definitions, and would keep the parser busy.</summary>
    public const int MostBytes = 32 << 20;

    /// <summary>Reads text; <paramref name="file"/> is how messages name it. An empty document is <see cref="DataKind.Null"/>.</summary>
    public static DataNode Parse(string text, string file) => Parse(text, file, plainTexts: false);

    /// <summary>The same, but what stands plain is text as it stands, but for null: `1.10` stays `1.10`.</summary>
    public static DataNode ParseTexts(string text, string file) => Parse(text, file, plainTexts: true);

    private static DataNode Parse(string text, string file, bool plainTexts)
    {
        if (text.Length > MostBytes)
        {
            throw YamlErrors.TooLong(file);
        }

        var parser = new Parser(new StringReader(text));
        try
        {
            return new YamlBuilder(parser, plainTexts).Document();
        }
        catch (YamlException wrong)
        {
            throw YamlErrors.From(wrong, text, file);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // For some files the parser gets lost instead of reporting an error.
            var end = parser.Current?.End ?? Mark.Empty;
            throw YamlErrors.From(new YamlException(end, end, "a bracket, brace or quote is not closed", broken), text, file);
        }
    }
}
