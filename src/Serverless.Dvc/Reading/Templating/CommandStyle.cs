using System.Text;
using System.Text.RegularExpressions;
using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>Formats values in text, and maps as command-line options. `[parsing]` in .dvc/config sets the style.</summary>
internal sealed partial record CommandStyle(bool BooleanOptional = false, bool ListAppend = false)
{
    public string Text(DataNode value) =>
        value switch
        {
            { AsBool: { } truth } => truth ? "true" : "false",
            DataMap map => Options(map),
            _ => PythonText.Str(value),
        };

    private string Options(DataMap map)
    {
        var result = new StringBuilder();
        foreach (var (name, value) in Flat(map, ""))
        {
            switch (value)
            {
                case { AsBool: { } truth }:
                    result.Append(
                        truth ? $"--{name} "
                        : BooleanOptional ? $"--no-{name} "
                        : ""
                    );
                    break;
                case DataList list:
                    Items(result, name, list);
                    break;
                default:
                    result.Append($"--{name} {Quoted(value)} ");
                    break;
            }
        }

        return result.ToString().TrimEnd();
    }

    private void Items(StringBuilder result, string name, DataList list)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            var item =
                list.Items[i] is DataScalar
                    ? Quoted(list.Items[i])
                    : throw new TemplateException(
                        TemplateFault.Syntax,
                        $"Cannot interpolate nested iterable in '{name}'",
                        fix: "A list in a command may contain only single values."
                    );
            result.Append(i == 0 || ListAppend ? $"--{name} {item} " : $"{item} ");
        }
    }

    private static IEnumerable<(string Name, DataNode Value)> Flat(DataMap map, string prefix) =>
        map.Entries.SelectMany(e =>
        {
            var name = prefix + PythonText.Str(e.Key);
            return e.Value is DataMap below ? Flat(below, name + ".") : [(name, e.Value)];
        });

    private static string Quoted(DataNode value) => value.AsText is { } text ? Quote(text) : PythonText.Str(value);

    // Like Python's shlex.quote.
    private static string Quote(string text) =>
        text.Length == 0 ? "''"
        : Unsafe().IsMatch(text) ? "'" + text.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'"
        : text;

    [GeneratedRegex(@"[^A-Za-z0-9_@%+=:,./-]", RegexOptions.CultureInvariant)]
    private static partial Regex Unsafe();
}
