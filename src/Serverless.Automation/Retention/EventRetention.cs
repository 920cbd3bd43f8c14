using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Retention;

/// <summary>
/// Deletes events that were answered long ago. What keeps an event from starting a second run must not go while the event can come again:
/// an upload's stays as long as its blob lies in the inbox as it was. A blob that is gone, or was uploaded anew under another ETag, cannot
/// be read as the old event any more, whoever delivers that. A time of the clock or a request by hand that comes again after all leads to
/// the id of a run that is there.
/// </summary>
internal sealed class EventRetention(PolicyEngineOptions options)
{
    private Table Table => options.Policies.Table;

    /// <returns>How many rows went.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var old = await OldAsync(before, cancellationToken);
        var deleted = await RetentionKeeper.DeleteAsync(Table, old, cancellationToken);
        return deleted
            + (options.Rollouts is { } rollouts ? await rollouts.Outbox.TrimAsync(before, RetentionKeeper.Piece, cancellationToken) : 0);
    }

    private async Task<List<Row>> OldAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var old = new List<(Row Row, string? Upload)>();
        var waiting = (await options.Policies.ListAsync(cancellationToken))
            .SelectMany(s => s.Pending.Select(p => p.EventKey).Concat(s.Active?.EventKeys ?? []))
            .ToHashSet(StringComparer.Ordinal);
        await foreach (var row in Table.QueryAsync(options.Policies.Partition, PolicyKeys.Events, cancellationToken))
        {
            if (row.Read<AnsweredEvent>() is { } answered && answered.Time < before && !waiting.Contains(answered.EventKey))
            {
                old.Add(
                    (
                        row,
                        answered.EventKey.StartsWith(PolicyEngine.UploadPrefix, StringComparison.Ordinal)
                            ? answered.EventKey[PolicyEngine.UploadPrefix.Length..]
                            : null
                    )
                );
            }
        }

        await foreach (var row in Table.QueryAsync(options.Policies.Partition, PolicyKeys.AllUploads, cancellationToken))
        {
            if (
                row.Read<UploadRecord>() is { IsAnswered: true } upload
                && upload.ReadAt < before
                && !waiting.Contains(PolicyEngine.UploadEventOf(upload.Key))
            )
            {
                old.Add((row, upload.Key));
            }
        }

        if (old.TrueForAll(o => o.Upload is null))
        {
            return [.. old.Take(RetentionKeeper.Piece).Select(o => o.Row)];
        }

        var there = (await options.Store.Inbox.ListAsync(cancellationToken)).Select(b => b.Key).ToHashSet(StringComparer.Ordinal);
        return [.. old.Where(o => o.Upload is null || !there.Contains(o.Upload)).Take(RetentionKeeper.Piece).Select(o => o.Row)];
    }
}
