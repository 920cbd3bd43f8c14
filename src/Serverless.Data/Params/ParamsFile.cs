using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Params;

/// <summary>Reads a file of parameters, metrics or variables: `.json`, `.toml`, `.py`, or YAML for any other extension.</summary>
public static class ParamsFile
{
    /// <summary>Reads a file. <paramref name="file"/> is its name in messages. An empty file is an empty map.</summary>
    public static DataNode Read(string fullPath, string file) => Parse(TextFile.Read(fullPath, file), file);

    public static DataNode Parse(string text, string file)
    {
        var node = Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".json" => JsonReader.Parse(text, file),
            ".toml" => TomlReader.Parse(text, file),
            ".py" => PythonReader.Parse(text, file),
            _ => YamlReader.Parse(text, file),
        };
        return IsFalse(node) ? DataMap.Empty : node;
    }

    /// <summary>Returns a value by its path, `a.b.0`, or null. Numeric keys match by their text.</summary>
    public static DataNode? Find(DataNode root, string path)
    {
        var node = root;
        foreach (var part in path.Split('.'))
        {
            node = node switch
            {
                DataMap map => map[part] ?? map.Entries.FirstOrDefault(e => e.Key.AsText is null && PythonText.Str(e.Key) == part)?.Value,
                DataList list => int.TryParse(part, out var index) && index >= 0 && index < list.Items.Count ? list.Items[index] : null,
                _ => null,
            };
            if (node is null)
            {
                return null;
            }
        }

        return node;
    }

    // Values that are false in Python: DVC reads such a file as empty.
    private static bool IsFalse(DataNode node) =>
        node switch
        {
            DataMap map => map.Entries.Count == 0,
            DataList list => list.Items.Count == 0,
            DataScalar scalar => scalar.Value is null or false or "" or 0.0 || scalar.Value is System.Numerics.BigInteger { IsZero: true },
            _ => false,
        };
}
