using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Retention;

/// <summary>
/// Deletes events that were processed long ago. The record that keeps an event from starting a second run must stay while the event can
/// recur: an upload's record stays as long as its blob is unchanged in the inbox. A blob that was deleted, or uploaded again with another
/// ETag, can no longer be read as the old event. A scheduled time or a manual request that recurs leads to the ID of an existing run.
/// </summary>
internal sealed class EventRetention(PolicyEngineOptions options)
{
    private Table Table => options.Policies.Table;

    /// <returns>The number of rows deleted.</returns>
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
