using System.Text;
using System.Text.RegularExpressions;
using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>Substitutes variables in a value of the pipeline file.</summary>
internal sealed class Template(TemplateContext context, CommandStyle style, bool isChecked)
{
    /// <summary>Resolves a value recursively. Failures are reported, and the text is kept.</summary>
    /// <param name="node">The value.</param>
    /// <param name="key">The stage's key that the value belongs to, because a map may go into `cmd`; null if anything is allowed.</param>
    /// <param name="failed">Called for each failure with its line.</param>
    public DataNode Resolve(DataNode node, string? key, Action<TemplateException, int> failed)
    {
        switch (node)
        {
            case DataMap map:
                return new DataMap(
                    [.. map.Entries.Select(e => new DataEntry(ResolveKey(e.Key, key, failed), Resolve(e.Value, key, failed)))],
                    map.Line
                );
            case DataList list:
                return new DataList([.. list.Items.Select(i => Resolve(i, key, failed))], list.Line, list.Kind);
            case DataScalar { Kind: DataKind.Text } text:
                try
                {
                    return ResolveText(text.AsText!, text.Line, key);
                }
                catch (TemplateException wrong)
                {
                    failed(wrong, text.Line);
                    return text;
                }

            default:
                return node;
        }
    }

    public DataNode ResolveText(string text, int line, string? key)
    {
        var matches = Expression.In(text);
        if (Expression.IsExact(text, matches))
        {
            return Moved(Value(matches[0], key, isExact: true), line);
        }

        var result = new StringBuilder();
        var at = 0;
        foreach (var match in matches)
        {
            result.Append(text, at, match.Index - at).Append(style.Text(Value(match, key, isExact: false)));
            at = match.Index + match.Length;
        }

        // Escaped expressions are not matches; only the backslash is removed.
        return DataScalar.Text(result.Append(text, at, text.Length - at).Replace("\\${", "${").ToString(), line);
    }

    /// <summary>Returns the node that an expression refers to, with its origin.</summary>
    public ContextNode Select(Match match)
    {
        var inner = Expression.Inner(match);
        return context.Select(isChecked ? inner : Expression.Parse(inner));
    }

    // What came from another file gets the line of the template, recursively.
    private static DataNode Moved(DataNode node, int line) =>
        node switch
        {
            DataMap map => new DataMap([.. map.Entries.Select(e => new DataEntry((DataScalar)e.Key.At(line), Moved(e.Value, line)))], line),
            DataList list => new DataList([.. list.Items.Select(i => Moved(i, line))], line, list.Kind),
            _ => node.At(line),
        };

    private DataScalar ResolveKey(DataScalar name, string? key, Action<TemplateException, int> failed) =>
        Resolve(name, key, failed) is DataScalar resolved ? resolved : name;

    private DataNode Value(Match match, string? key, bool isExact)
    {
        var value = Select(match).ToData();
        var isOpen = key is null || (isExact && key is "with" or "env") || (key == "cmd" && value is DataMap);
        return value is DataScalar || isOpen
            ? value
            : throw new TemplateException(
                TemplateFault.Syntax,
                $"Cannot interpolate data of type '{value.TypeName}'",
                fix: value is DataMap
                    ? "Use one of its keys. A whole map is allowed only in `cmd` and `with`."
                    : "Use one of its items, as in ${list[0]}."
            );
    }
}
