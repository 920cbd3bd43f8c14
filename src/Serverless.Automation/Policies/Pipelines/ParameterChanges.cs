using System.Numerics;
using System.Text;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Automation.Policies.Pipelines;

/// <summary>
/// Parameter overrides of a run: `params.train.lr=0.05` is `train.lr` in params.yaml, `conf/model.yaml:depth=3` a key in another file,
/// in DVC's notation. Only existing keys can be overridden, so typos are reported.
/// </summary>
public sealed class ParameterChanges
{
    private const string DefaultFile = "params.yaml";
    private readonly List<(string Name, string File, string[] Path, DataNode Value)> changes = [];

    /// <param name="values">Name and value as YAML.</param>
    public ParameterChanges(IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach (var (name, text) in values)
        {
            var colon = name.IndexOf(':', StringComparison.Ordinal);
            var file = colon > 0 ? name[..colon] : DefaultFile;
            var key =
                colon > 0 ? name[(colon + 1)..]
                : name.StartsWith("params.", StringComparison.Ordinal) ? name["params.".Length..]
                : name;
            changes.Add((name, file, key.Split('.'), YamlReader.Parse(text, name)));
        }
    }

    public static ParameterChanges None { get; } = new([]);

    /// <summary>Parses `name=value`.</summary>
    public static KeyValuePair<string, string> Parse(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? KeyValuePair.Create(text[..at].Trim(), text[(at + 1)..].Trim())
            : throw ServerlessException.Invalid($"'{text}' is not an assignment.", "Use NAME=VALUE, such as params.train.lr=0.05.");
    }

    /// <summary>Writes the changed files of a pipeline's folder.</summary>
    public void WriteTo(string folder)
    {
        foreach (var file in changes.GroupBy(c => c.File, StringComparer.Ordinal))
        {
            var full = Path.Combine(folder, file.Key);
            var extension = Path.GetExtension(file.Key).ToLowerInvariant();
            if (!File.Exists(full) || extension is not (".yaml" or ".yml" or ".json"))
            {
                throw ServerlessException.Invalid(
                    $"'{file.First().Name}' cannot be set: "
                        + (
                            File.Exists(full)
                                ? "only YAML and JSON files can be changed."
                                : $"the pipeline does not read a file '{file.Key}'."
                        ),
                    "Name a parameter of params.yaml as params.NAME, or one of another file as FILE:NAME."
                );
            }

            var root = ParamsFile.Read(full, file.Key);
            foreach (var change in file)
            {
                root = Set(root, change.Path, 0, change.Value, change.Name);
            }

            var text = new StringBuilder();
            Write(text, root);
            File.WriteAllText(full, text.Append('\n').ToString());
        }
    }

    private static DataNode Set(DataNode node, string[] path, int at, DataNode value, string name)
    {
        if (at == path.Length)
        {
            return value.At(node.Line);
        }

        switch (node)
        {
            case DataMap map when map.Entries.Any(e => PythonText.Str(e.Key) == path[at]):
                return new DataMap(
                    [
                        .. map.Entries.Select(e =>
                            PythonText.Str(e.Key) == path[at] ? e with { Value = Set(e.Value, path, at + 1, value, name) } : e
                        ),
                    ],
                    map.Line
                );
            case DataList list when int.TryParse(path[at], out var index) && index >= 0 && index < list.Items.Count:
                return new DataList(
                    [.. list.Items.Select((item, i) => i == index ? Set(item, path, at + 1, value, name) : item)],
                    list.Line
                );
            default:
                var known = (node as DataMap)?.Entries.Select(e => PythonText.Str(e.Key)).ToList() ?? [];
                var prefix = string.Join('.', path[..at]);
                throw ServerlessException.Invalid(
                    $"'{name}' cannot be set: {(prefix.Length == 0 ? "the file" : $"'{prefix}'")} has no '{path[at]}'.",
                    NearestName.Find(path[at], known) is { } near ? $"Did you mean '{near}'?"
                        : known.Count > 0 ? $"It has: {string.Join(", ", known)}."
                        : "It is a single value."
                );
        }
    }

    /// <summary>
    /// Writes JSON, which is also YAML. Numbers with an exponent get a decimal point: YAML 1.1 readers parse `1e-05` as text.
    /// </summary>
    private static void Write(StringBuilder to, DataNode node)
    {
        switch (node)
        {
            case DataMap map:
                to.Append('{');
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    PythonJson.WriteText(to.Append(i > 0 ? ", " : ""), PythonText.Str(map.Entries[i].Key));
                    Write(to.Append(": "), map.Entries[i].Value);
                }

                to.Append('}');
                break;
            case DataList list:
                to.Append('[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    Write(to.Append(i > 0 ? ", " : ""), list.Items[i]);
                }

                to.Append(']');
                break;
            case DataScalar { Value: double real }:
                var text = PythonText.Float(real);
                var exponent = text.IndexOf('e', StringComparison.Ordinal);
                to.Append(exponent > 0 && !text.Contains('.', StringComparison.Ordinal) ? text.Insert(exponent, ".0") : text);
                break;
            case DataScalar { Value: null or bool or string or BigInteger } scalar:
                to.Append(PythonJson.Dump(scalar));
                break;
            default:
                to.Append(PythonJson.Dump(node));
                break;
        }
    }
}
