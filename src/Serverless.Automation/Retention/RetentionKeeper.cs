using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Retention;

/// <summary>
/// Deletes expired data once a day, in bounded batches per tick. A row records the last cleanup, so that only one of many hosts does it,
/// and a host that a timer wakes briefly reads only that row.
/// </summary>
internal sealed class RetentionKeeper(PolicyEngineOptions options)
{
    /// <summary>The maximum number of rows and blobs of a kind per batch.</summary>
    internal const int Piece = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    private readonly EventRetention events = new(options);
    private readonly PredictionRetention predictions = new(options.Store);
    private DateTimeOffset next = DateTimeOffset.MinValue;

    private Table Table => options.Policies.Table;

    /// <returns>The number of items deleted.</returns>
    public async Task<int> TickAsync(CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        // A clock that was briefly ahead must not delay the cleanup for long.
        if (now < next && next - now <= Interval)
        {
            return 0;
        }

        var row = await Table.GetAsync(options.Policies.Partition, PolicyKeys.Retention, cancellationToken);
        if (row?.Read<RetentionMark>().Next is { } known && now < known && known - now <= Interval)
        {
            next = known;
            return 0;
        }

        var claim = Row.Of(options.Policies.Partition, PolicyKeys.Retention, new RetentionMark(now + Interval));
        if (
            !(
                await Table.CommitAsync(row is null ? RowChange.Insert(claim) : RowChange.Replace(claim, row.ETag), cancellationToken)
            ).IsCommitted
        )
        {
            return 0;
        }

        var deleted = await events.TrimAsync(now.AddDays(-options.Retention.EventDays), cancellationToken);
        deleted += await predictions.TrimAsync(now.AddDays(-options.Retention.PredictionDays), cancellationToken);
        if (deleted >= Piece)
        {
            // There may be more: the next tick continues.
            await Table.CommitAsync(
                RowChange.Put(Row.Of(options.Policies.Partition, PolicyKeys.Retention, new RetentionMark(now))),
                cancellationToken
            );
            return deleted;
        }

        next = now + Interval;
        return deleted;
    }

    /// <summary>Deletes rows in any partitions of a table.</summary>
    internal static async Task<int> DeleteAsync(Table table, IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        foreach (var partition in rows.GroupBy(r => r.PartitionKey, StringComparer.Ordinal))
        {
            foreach (var piece in partition.Select(r => RowChange.Delete(r)).Chunk(Table.MaxChanges))
            {
                await table.CommitAsync(piece, cancellationToken);
            }
        }

        return rows.Count;
    }

    private sealed record RetentionMark(DateTimeOffset Next);
}
