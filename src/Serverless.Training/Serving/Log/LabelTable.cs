using System.Globalization;
using Serverless.Storage;

namespace Serverless.Training;

/// <summary>
/// The rows of labels:
/// <code>
/// {workspace}|{model id}|{hour of the request}   {request}|{row}        the label, the last that was told
/// {workspace}|{model id}|refused                 {request}|{row}        a label that belongs to nothing, and why
/// </code>
/// A label's key is what it labels, so that telling it again changes nothing.
/// </summary>
internal sealed class LabelTable(Store store)
{
    private const string Refused = "refused";

    public async Task WriteAsync(string modelId, IEnumerable<Label> labels, CancellationToken cancellationToken)
    {
        foreach (var hour in labels.GroupBy(l => LogNames.HourOf(RequestIds.SliceOf(l.Request)!.Value.Minute)))
        {
            await CommitAsync(Keys.Join(store.Workspace, modelId, hour.Key), hour, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task RefuseAsync(string modelId, IEnumerable<Label> labels, CancellationToken cancellationToken) =>
        CommitAsync(Keys.Join(store.Workspace, modelId, Refused), labels, cancellationToken);

    /// <summary>Labels of requests of a time, by request and row.</summary>
    public async Task<Dictionary<(string Request, int Row), string>> ReadAsync(string modelId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var labels = new Dictionary<(string, int), string>();
        for (var hour = from.UtcDateTime.Date.AddHours(from.UtcDateTime.Hour); hour < to.UtcDateTime; hour = hour.AddHours(1))
        {
            await foreach (var row in store.Serving.QueryAsync(Keys.Join(store.Workspace, modelId, LogNames.HourOf(hour)), "", cancellationToken).ConfigureAwait(false))
            {
                var label = row.Read<Label>();
                labels[(label.Request, label.Row)] = label.Value;
            }
        }

        return labels;
    }

    public async Task<IReadOnlyList<Label>> ReadRefusedAsync(string modelId, int most, CancellationToken cancellationToken)
    {
        var labels = new List<Label>();
        await foreach (var row in store.Serving.QueryAsync(Keys.Join(store.Workspace, modelId, Refused), "", cancellationToken).ConfigureAwait(false))
        {
            labels.Add(row.Read<Label>());
            if (labels.Count == most)
            {
                break;
            }
        }

        return labels;
    }

    private async Task CommitAsync(string partition, IEnumerable<Label> labels, CancellationToken cancellationToken)
    {
        // The last label of a row counts, and a transaction takes a key once.
        var rows = labels.GroupBy(l => (l.Request, l.Row)).Select(g => g.Last())
            .Select(l => RowChange.Put(Row.Of(partition, Keys.Join(Keys.Bounded(l.Request), l.Row.ToString("D8", CultureInfo.InvariantCulture)), l)));
        foreach (var chunk in rows.Chunk(Table.MaxChanges))
        {
            await store.Serving.CommitAsync(chunk, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>What turned out to be true of a row of a request.</summary>
/// <param name="Why">Why it was refused; null if it was not.</param>
public sealed record Label(string Request, int Row, string Value, DateTimeOffset Time, string? Why = null);
