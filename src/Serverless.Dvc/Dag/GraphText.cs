using System.Globalization;
using System.Text;
using Serverless.Core;

namespace Serverless.Dvc.Dag;

/// <summary>Writes a graph in the languages of other drawing programs.</summary>
internal static class GraphText
{
    public static string Dot(NameGraph graph)
    {
        var text = new StringBuilder("strict digraph  {\n");
        foreach (var node in graph.Nodes)
        {
            text.Append(Quote(node)).Append(";\n");
        }

        foreach (var (from, to) in graph.Edges)
        {
            text.Append(Quote(from)).Append(" -> ").Append(Quote(to)).Append(";\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>Writes Mermaid like DVC: names in order, numbered consecutively across all parts.</summary>
    public static string Mermaid(NameGraph graph)
    {
        var text = new StringBuilder("flowchart TD");
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in graph.Parts())
        {
            foreach (var node in part.Nodes.Order(CodePointOrder.Instance))
            {
                ids[node] = "node" + (ids.Count + 1).ToString(CultureInfo.InvariantCulture);
                text.Append("\n\t").Append(ids[node]).Append("[\"").Append(node).Append("\"]");
            }

            foreach (var (from, to) in part.Edges.OrderBy(e => e.From, CodePointOrder.Instance).ThenBy(e => e.To, CodePointOrder.Instance))
            {
                text.Append("\n\t").Append(ids[from]).Append("-->").Append(ids[to]);
            }
        }

        return text.ToString();
    }

    private static string Quote(string name) => "\"" + name.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
