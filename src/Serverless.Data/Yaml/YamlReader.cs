using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Serverless.Data;

/// <summary>Reads one YAML document into <see cref="DataNode"/>s with line numbers, as DVC does: YAML 1.2's scalars, no double keys,
/// no tags but the standard ones. Everything wrong is a <see cref="ServerlessException"/> that names file and line.</summary>
public static class YamlReader
{
    /// <summary>Reads text; <paramref name="file"/> is how messages name it. An empty document is <see cref="DataKind.Null"/>.</summary>
    public static DataNode Parse(string text, string file)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            return new YamlBuilder(parser).Document();
        }
        catch (YamlException wrong)
        {
            throw YamlErrors.From(wrong, text, file);
        }
    }
}
