using Serverless.Data.Values;
using YamlDotNet.Core;

namespace Serverless.Data.Yaml;

/// <summary>Reads one YAML document into <see cref="DataNode"/>s with line numbers, as DVC does: YAML 1.2's scalars, no double keys,
/// no tags but the standard ones. Everything wrong is a <see cref="ServerlessException"/> that names file and line.</summary>
public static class YamlReader
{
    /// <summary>Reads text; <paramref name="file"/> is how messages name it. An empty document is <see cref="DataKind.Null"/>.</summary>
    public static DataNode Parse(string text, string file)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            return new YamlBuilder(parser).Document();
        }
        catch (YamlException wrong)
        {
            throw YamlErrors.From(wrong, text, file);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The parser loses its way in some files instead of saying what is wrong with them.
            var end = parser.Current?.End ?? Mark.Empty;
            throw YamlErrors.From(new YamlException(end, end, "a bracket, brace or quote is not closed", broken), text, file);
        }
    }
}
