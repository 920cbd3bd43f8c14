using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core.Columns;

namespace Serverless.Benchmarks.Serving;

/// <summary>Bodies of the churn customers.</summary>
internal static class ChurnBody
{
    /// <summary>So many rows, the customers again and again, as `dataframe_split`.</summary>
    public static byte[] Of(ColumnFrame customers, int rows) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["dataframe_split"] = new JsonObject
                {
                    ["columns"] = new JsonArray([.. customers.Columns.Select(c => (JsonNode)c.Name)]),
                    ["data"] = new JsonArray([
                        .. Enumerable
                            .Range(0, rows)
                            .Select(r => (JsonNode)new JsonArray([.. customers.Columns.Select(c => ValueOf(c, r % customers.RowCount))])),
                    ]),
                },
            }.ToJsonString()
        );

    public static ColumnFrame Repeat(ColumnFrame customers, int rows) =>
        customers.Take([.. Enumerable.Range(0, rows).Select(r => r % customers.RowCount)]);

    private static JsonNode? ValueOf(Column column, int row) =>
        column.IsNull(row)
            ? null
            : column.Type switch
            {
                ColumnType.Text => column.GetText(row),
                ColumnType.Integer => column.GetInteger(row),
                _ => column.GetNumber(row),
            };
}
