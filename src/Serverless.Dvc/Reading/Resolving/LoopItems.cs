using System.Globalization;
using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Resolving;

/// <summary>Determines the items of `foreach` and `matrix`, and the names of the resulting stages.</summary>
internal sealed class LoopItems(TemplateContext context)
{
    private readonly Template template = new(context, new CommandStyle(), isChecked: false);

    /// <summary>
    /// Reads a `foreach`: a list of single values gives the values, a list with lists or maps gives positions, a map gives keys.
    /// </summary>
    public IReadOnlyList<(string Key, Dictionary<string, ContextNode> Loop)> Foreach(DataNode data, string where, string file)
    {
        if (data is DataMap inline)
        {
            return Distinct(inline.Entries.Select(e => (KeyOf(e.Key), e.Value)).Select(e => Mapped(e.Item1, Node(e.Value))));
        }

        var isInline = data is DataList;
        var node = Node(data);
        if (node is ContextMap map)
        {
            return Distinct(map.Items.Select(i => Mapped(i.Key, i.Value)));
        }

        if (node is not ContextList list)
        {
            throw new LoopException($"failed to resolve '{where}' in '{file}': expected list/dictionary, got {node.ToData().TypeName}");
        }

        var isComposite = list.Items.Any(i => i is not ContextValue);
        return Distinct(
            list.Items.Select(
                (item, i) =>
                    (
                        isComposite
                            ? i.ToString(CultureInfo.InvariantCulture)
                            : NameOf(item, isInline && !IsExpression(((DataList)data).Items[i])),
                        new Dictionary<string, ContextNode>(StringComparer.Ordinal) { ["item"] = item }
                    )
            )
        );
    }

    /// <summary>Reads a `matrix`: every combination, named by its values, or `name0` for a list or map.</summary>
    public IReadOnlyList<(string Key, Dictionary<string, ContextNode> Loop)> Matrix(DataMap data, string where, string file)
    {
        IEnumerable<(string Key, ContextMap Item)> rows = [("", new ContextMap(Origin.None))];
        foreach (var entry in data.Entries)
        {
            var name = KeyOf(entry.Key);
            var isInline = entry.Value is DataList;
            if (Node(entry.Value) is not ContextList values)
            {
                throw new LoopException(
                    $"failed to resolve '{where}' in '{file}': expected list for '{name}', got {Node(entry.Value).ToData().TypeName}"
                );
            }

            rows = rows.SelectMany(row =>
                    values.Items.Select(
                        (value, i) =>
                        {
                            var fragment =
                                value is ContextValue
                                    ? NameOf(value, isInline && !IsExpression(((DataList)entry.Value).Items[i]))
                                    : name + i.ToString(CultureInfo.InvariantCulture);
                            var item = new ContextMap(Origin.None);
                            foreach (var (key, kept) in row.Item.Items)
                            {
                                item.Items[key] = kept;
                            }

                            item.Items[name] = value;
                            return (row.Item.Items.Count == 0 ? fragment : row.Key + "-" + fragment, item);
                        }
                    )
                )
                .ToList();
        }

        return Distinct(rows.Select(row => Mapped(row.Key, row.Item)));
    }

    private static (string Key, Dictionary<string, ContextNode> Loop) Mapped(string key, ContextNode item) =>
        (
            key,
            new Dictionary<string, ContextNode>(StringComparer.Ordinal)
            {
                ["item"] = item,
                ["key"] = new ContextValue(DataScalar.Text(key), Origin.None),
            }
        );

    // Equal names are one stage: the last of them, in the position of the first.
    private static List<(string Key, Dictionary<string, ContextNode> Loop)> Distinct(
        IEnumerable<(string Key, Dictionary<string, ContextNode> Loop)> items
    )
    {
        var result = new OrderedDictionary<string, Dictionary<string, ContextNode>>(StringComparer.Ordinal);
        foreach (var (key, loop) in items)
        {
            result[key] = loop;
        }

        return [.. result.Select(r => (r.Key, r.Value))];
    }

    // A literal value is named as it is formatted in text (`true`), one from a variable as Python prints it (`True`).
    private static string NameOf(ContextNode value, bool isInline) =>
        value.ToData() is var data && isInline && data.AsBool is { } truth ? (truth ? "true" : "false") : PythonText.Str(data);

    private static bool IsExpression(DataNode node) => node.AsText is { } text && Expression.IsExact(text, Expression.In(text));

    private string KeyOf(DataScalar key) =>
        key.AsText is { } text && template.ResolveText(text, key.Line, null) is DataScalar resolved
            ? new CommandStyle().Text(resolved)
            : new CommandStyle().Text(key);

    // Keeps the origins, so that the parts that a stage uses are tracked.
    private ContextNode Node(DataNode data)
    {
        switch (data)
        {
            case DataMap map:
                var result = new ContextMap(Origin.None);
                foreach (var entry in map.Entries.Where(e => e.Key.AsText is not null))
                {
                    result.Items[KeyOf(entry.Key)] = Node(entry.Value);
                }

                return result;
            case DataList { Kind: DataKind.List } list:
                return new ContextList([.. list.Items.Select(Node)], Origin.None);
            default:
                if (data.AsText is not { } text)
                {
                    return ContextNode.From(data, new Origin(null, "item", true));
                }

                var matches = Expression.In(text);
                return Expression.IsExact(text, matches)
                    ? template.Select(matches[0])
                    : ContextNode.From(template.ResolveText(text, data.Line, null), Origin.None);
        }
    }
}

/// <summary>A loop over something that is neither a list nor a map.</summary>
internal sealed class LoopException(string message) : Exception(message);
