using System.Text;
using Serverless.Data.Values;

namespace Serverless.Data.Yaml;

/// <summary>
/// Writes values as DVC's library does (ruamel.yaml: block style, lists not indented, text folded near 80 columns, null as nothing).
/// </summary>
public static class YamlWriter
{
    public static string Write(DataNode node)
    {
        var to = new StringBuilder();
        switch (node)
        {
            case DataMap { Entries.Count: > 0 } map:
                Map(to, map, 0, "\n");
                break;
            case DataList { Items.Count: > 0 } list:
                List(to, list, 0, "\n");
                break;
            default:
                to.Append(node is DataScalar { IsNull: true } ? "null" : Inline(node, 0, 0));
                break;
        }

        return to.Append('\n').ToString();
    }

    /// <summary>Writes what follows `key:` in a map whose keys are indented by <paramref name="indent"/>.</summary>
    internal static string AfterKey(DataNode value, int indent, int column, string newLine)
    {
        var to = new StringBuilder();
        Value(to, value, indent, column, newLine);
        return to.ToString();
    }

    /// <summary>Writes one `key: value`, without indentation before it.</summary>
    internal static string Entry(DataEntry entry, int indent, string newLine)
    {
        var to = new StringBuilder();
        Pair(to, entry, indent, newLine);
        return to.ToString();
    }

    /// <summary>Writes what follows `- ` in a list whose dashes are indented by <paramref name="indent"/>.</summary>
    internal static string AfterDash(DataNode item, int indent, string newLine)
    {
        var to = new StringBuilder();
        Item(to, item, indent, newLine);
        return to.ToString();
    }

    private static void Map(StringBuilder to, DataMap map, int indent, string newLine)
    {
        for (var i = 0; i < map.Entries.Count; i++)
        {
            if (i > 0)
            {
                to.Append(newLine).Append(' ', indent);
            }

            Pair(to, map.Entries[i], indent, newLine);
        }
    }

    private static void Pair(StringBuilder to, DataEntry entry, int indent, string newLine)
    {
        var key = YamlText.Of(entry.Key, int.MinValue, indent, newLine, isKey: true);
        to.Append(key.Length == 0 ? "null" : key).Append(':');
        Value(to, entry.Value, indent, indent + key.Length + 1, newLine);
    }

    private static void Value(StringBuilder to, DataNode value, int indent, int column, string newLine)
    {
        switch (value)
        {
            case DataMap { Entries.Count: > 0 } map:
                to.Append(newLine).Append(' ', indent + 2);
                Map(to, map, indent + 2, newLine);
                break;
            case DataList { Items.Count: > 0 } list:
                to.Append(newLine).Append(' ', indent);
                List(to, list, indent, newLine);
                break;
            default:
                var text = Inline(value, column + 1, indent + 2, newLine);
                to.Append(text.Length == 0 ? "" : " ").Append(text);
                break;
        }
    }

    private static void List(StringBuilder to, DataList list, int indent, string newLine)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
            {
                to.Append(newLine).Append(' ', indent);
            }

            to.Append('-');
            Item(to, list.Items[i], indent, newLine);
        }
    }

    private static void Item(StringBuilder to, DataNode item, int indent, string newLine)
    {
        switch (item)
        {
            case DataMap { Entries.Count: > 0 } map:
                to.Append(' ');
                Map(to, map, indent + 2, newLine);
                break;
            case DataList { Items.Count: > 0 } list:
                to.Append(' ');
                List(to, list, indent + 2, newLine);
                break;
            default:
                var text = Inline(item, indent + 2, indent + 2, newLine);
                to.Append(text.Length == 0 ? "" : " ").Append(text);
                break;
        }
    }

    private static string Inline(DataNode node, int column, int indent, string newLine = "\n") =>
        node switch
        {
            DataMap => "{}",
            DataList => "[]",
            _ => YamlText.Of((DataScalar)node, column, indent, newLine),
        };
}
