using System.Globalization;
using Serverless.Serving.Invocations;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Serving.Logging;

/// <summary>
/// The rows of labels:
/// <code>
/// {workspace}|{model id}|{hour of the request}   {request}|{row}        the label, the last one recorded
/// {workspace}|{model id}|refused                 {request}|{row}        a rejected label, and why
/// </code>
/// A label's key is the row that it labels, so that recording it again changes nothing.
/// </summary>
public sealed class LabelTable(Store store)
{
    private const string Refused = "refused";

    public async Task WriteAsync(string modelId, IEnumerable<Label> labels, CancellationToken cancellationToken)
    {
        foreach (var hour in labels.GroupBy(l => LogNames.HourOf(RequestIds.SliceOf(l.Request)!.Value.Minute)))
        {
            await CommitAsync(Keys.Join(store.Workspace, modelId, hour.Key), hour, cancellationToken);
        }
    }

    public Task RefuseAsync(string modelId, IEnumerable<Label> labels, CancellationToken cancellationToken) =>
        CommitAsync(Keys.Join(store.Workspace, modelId, Refused), labels, cancellationToken);

    /// <summary>The labels of requests in a period, by request and row.</summary>
    public async Task<Dictionary<(string Request, int Row), string>> ReadAsync(
        string modelId,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        var labels = new Dictionary<(string, int), string>();
        for (var hour = from.UtcDateTime.Date.AddHours(from.UtcDateTime.Hour); hour < to.UtcDateTime; hour = hour.AddHours(1))
        {
            await foreach (
                var row in store.Serving.QueryAsync(Keys.Join(store.Workspace, modelId, LogNames.HourOf(hour)), "", cancellationToken)
            )
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
        await foreach (var row in store.Serving.QueryAsync(Keys.Join(store.Workspace, modelId, Refused), "", cancellationToken))
        {
            labels.Add(row.Read<Label>());
            if (labels.Count == most)
            {
                break;
            }
        }

        return labels;
    }

    /// <summary>The labels of requests before a time, and rejected labels from before it, up to a maximum number of rows.</summary>
    public async Task<IReadOnlyList<Row>> OldAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var old = new List<Row>();
        var (at, end) = (Keys.Join(store.Workspace, ""), Keys.After(Keys.Join(store.Workspace, "")));
        // Skip from model to model, so that young rows are not read.
        while (old.Count < most && await FirstAsync(at, end, cancellationToken) is { } first)
        {
            var model = Keys.Split(first.PartitionKey)[1];
            var rows = store.Serving.ScanAsync(
                Keys.Join(store.Workspace, model, ""),
                Keys.Join(store.Workspace, model, LogNames.HourOf(before)),
                cancellationToken
            );
            await AddAsync(old, rows, _ => true, most, cancellationToken);
            rows = store.Serving.QueryAsync(Keys.Join(store.Workspace, model, Refused), "", cancellationToken);
            await AddAsync(old, rows, row => row.Read<Label>().Time < before, most, cancellationToken);
            at = Keys.After(Keys.Join(store.Workspace, model, ""));
        }

        return old;
    }

    private static async Task AddAsync(
        List<Row> to,
        IAsyncEnumerable<Row> rows,
        Func<Row, bool> isOld,
        int most,
        CancellationToken cancellationToken
    )
    {
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (to.Count == most)
            {
                return;
            }

            if (isOld(row))
            {
                to.Add(row);
            }
        }
    }

    private async Task<Row?> FirstAsync(string from, string before, CancellationToken cancellationToken)
    {
        await foreach (var row in store.Serving.ScanAsync(from, before, cancellationToken))
        {
            return row;
        }

        return null;
    }

    private async Task CommitAsync(string partition, IEnumerable<Label> labels, CancellationToken cancellationToken)
    {
        // The last label of a row counts, and a transaction accepts each key once.
        var rows = labels
            .GroupBy(l => (l.Request, l.Row))
            .Select(g => g.Last())
            .Select(l =>
                RowChange.Put(Row.Of(partition, Keys.Join(Keys.Bounded(l.Request), l.Row.ToString("D8", CultureInfo.InvariantCulture)), l))
            );
        foreach (var chunk in rows.Chunk(Table.MaxChanges))
        {
            await store.Serving.CommitAsync(chunk, cancellationToken);
        }
    }
}

/// <summary>The true label of a row of a request.</summary>
/// <param name="Why">Why it was rejected. Null if it was not.</param>
public sealed record Label(string Request, int Row, string Value, DateTimeOffset Time, string? Why = null);
