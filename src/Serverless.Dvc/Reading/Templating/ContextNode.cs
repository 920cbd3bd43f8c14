using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>The origin of a variable: a file or `vars[0]`, and the path in it. Local values are not tracked as parameters.</summary>
internal sealed record Origin(string? Source, string Path, bool IsLocal)
{
    public static Origin None { get; } = new(null, "", true);

    public Origin Below(string key) => this with { Path = Path.Length == 0 ? key : Path + "." + key };

    public override string ToString() => $"{Source ?? "<local>"}:{Path}";
}

/// <summary>A variable's value with its origin.</summary>
internal abstract class ContextNode(Origin origin)
{
    public Origin Origin { get; } = origin;

    public abstract DataNode ToData();

    /// <summary>Converts a value. Only single values, lists and maps can be variables.</summary>
    public static ContextNode From(DataNode node, Origin origin) =>
        node switch
        {
            DataMap map => ContextMap.From(map, origin),
            DataList { Kind: DataKind.List } list => new ContextList(
                [
                    .. list.Items.Select(
                        (item, i) => From(item, origin.Below(i.ToString(System.Globalization.CultureInfo.InvariantCulture)))
                    ),
                ],
                origin
            ),
            DataScalar
            {
                Kind: DataKind.Null or DataKind.Bool or DataKind.Int or DataKind.Float or DataKind.Text or DataKind.Bytes
            } scalar => new ContextValue(scalar, origin),
            _ => throw new TemplateException(
                TemplateFault.Type,
                $"Unsupported value of type '{node.TypeName}' in '{origin}'",
                origin.IsLocal ? null : origin.Source,
                node.Line,
                node.Kind is DataKind.Date or DataKind.DateTime or DataKind.Time ? "Quote it to make it text." : "Use a list."
            ),
        };
}

internal sealed class ContextValue(DataScalar value, Origin origin) : ContextNode(origin)
{
    public DataScalar Value { get; } = value;

    public override DataNode ToData() => Value;
}

internal sealed class ContextList(IReadOnlyList<ContextNode> items, Origin origin) : ContextNode(origin)
{
    public IReadOnlyList<ContextNode> Items { get; } = items;

    public override DataNode ToData() => new DataList([.. Items.Select(i => i.ToData())]);
}

internal sealed class ContextMap(Origin origin) : ContextNode(origin)
{
    public OrderedDictionary<string, ContextNode> Items { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>Keys that are not text cannot be referred to in an expression and are omitted.</summary>
    public static ContextMap From(DataMap map, Origin origin)
    {
        var result = new ContextMap(origin);
        foreach (var entry in map.Entries)
        {
            if (entry.Key.AsText is { } key)
            {
                result.Items[key] = From(entry.Value, origin.Below(key));
            }
        }

        return result;
    }

    /// <summary>Returns a copy that can be merged into. As in DVC, lists and maps lose their origin, single values keep it.</summary>
    public ContextMap Clone()
    {
        var result = new ContextMap(Origin.None);
        foreach (var (key, value) in Items)
        {
            result.Items[key] = value switch
            {
                ContextMap map => map.Clone(),
                ContextList list => new ContextList(list.Items, Origin.None),
                _ => value,
            };
        }

        return result;
    }

    public void Merge(ContextMap update)
    {
        foreach (var (key, value) in update.Items)
        {
            if (!Items.TryGetValue(key, out var existing))
            {
                Items[key] = value;
            }
            else if (existing is ContextMap into && value is ContextMap from)
            {
                into.Merge(from);
            }
            else
            {
                throw new TemplateException(
                    TemplateFault.Merge,
                    $"cannot redefine '{value.Origin.Path}' from '{value.Origin.Source ?? "None"}' as it already exists in "
                        + $"'{existing.Origin.Source ?? "None"}'",
                    fix: "Rename one of them. A variable can be defined only once."
                );
            }
        }
    }

    public override DataNode ToData() => new DataMap([.. Items.Select(i => new DataEntry(DataScalar.Text(i.Key), i.Value.ToData()))]);
}
