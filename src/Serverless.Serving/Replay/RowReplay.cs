using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core.Columns;

namespace Serverless.Serving.Replay;

/// <summary>
/// Replays the rows of a frame against a served model over HTTP, as any client would: each row is one request, and the row's label follows
/// as feedback. It starts again at the first row after the last.
/// </summary>
/// <param name="http">A client whose base address is the host's.</param>
/// <param name="prefix">The workspace's part of the address: empty, or <c>w/NAME/</c>.</param>
/// <param name="model">The registered model.</param>
/// <param name="frame">The rows.</param>
/// <param name="label">The column that holds the label; null to send no feedback.</param>
public sealed class RowReplay(HttpClient http, string prefix, string model, ColumnFrame frame, string? label)
{
    private readonly string root = $"{prefix}models/{Uri.EscapeDataString(model)}";
    private readonly List<Column> inputs = [.. frame.Columns.Where(c => c.Name != label)];
    private int next;

    /// <summary>Sends the next rows, all at once.</summary>
    public async Task SendAsync(int count, CancellationToken cancellationToken = default)
    {
        var rows = Enumerable.Range(next, count).Select(r => r % frame.RowCount).ToList();
        next = (next + count) % frame.RowCount;
        var ids = await Task.WhenAll(rows.Select(r => AskAsync(inputs, r, cancellationToken)));
        if (label is not null)
        {
            var answered = rows.Zip(ids).Where(a => a.Second is not null);
            await LabelAsync(answered.Select(a => (a.Second!, frame[label].GetText(a.First))), cancellationToken);
        }
    }

    /// <returns>The request's id; null if it was not answered.</returns>
    private async Task<string?> AskAsync(IReadOnlyList<Column> inputs, int row, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["dataframe_split"] = new JsonObject
            {
                ["columns"] = new JsonArray([.. inputs.Select(c => (JsonNode)c.Name)]),
                ["data"] = new JsonArray(new JsonArray([.. inputs.Select(c => ValueOf(c, row))])),
            },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, root + "/invocations")
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Request-Key", string.Create(CultureInfo.InvariantCulture, $"replay-{row}"));
        using var answer = await http.SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode && answer.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.First() : null;
    }

    private async Task LabelAsync(IEnumerable<(string Id, string? Label)> answers, CancellationToken cancellationToken)
    {
        var labels = answers
            .Where(a => a.Label is not null)
            .Select(a => (JsonNode)new JsonObject { ["request_id"] = a.Id, ["label"] = a.Label })
            .ToArray();
        if (labels.Length == 0)
        {
            return;
        }

        using var content = new StringContent(
            new JsonObject { ["feedback"] = new JsonArray(labels) }.ToJsonString(),
            Encoding.UTF8,
            "application/json"
        );
        using var _ = await http.PostAsync(root + "/feedback", content, cancellationToken);
    }

    private static JsonNode? ValueOf(Column column, int row) =>
        column.IsNull(row)
            ? null
            : column.Type switch
            {
                ColumnType.Integer => column.GetInteger(row),
                ColumnType.Number => column.GetNumber(row),
                ColumnType.Boolean => column.GetNumber(row) != 0,
                _ => column.GetText(row),
            };
}
