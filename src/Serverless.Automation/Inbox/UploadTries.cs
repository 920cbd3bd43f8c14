using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Inbox;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Counts how often an upload was begun and not finished, also by a host that ended over it: a file that no host can read is set aside
/// instead of being read for ever. A row a try, so that hosts that try at the same time do not get into each other's way.
/// </summary>
internal sealed class UploadTries(Store store, TimeProvider time)
{
    /// <summary>After so many an upload is set aside.</summary>
    public const int Most = 3;

    /// <summary>A younger try without an end may still be going on, in another host.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private readonly PolicyKeys keys = new(store.Workspace);

    /// <returns>Why it is set aside; null if it may be tried.</returns>
    public async Task<string?> WhyNotAsync(InboxBlob blob, CancellationToken cancellationToken)
    {
        var tries = new List<UploadTry>();
        await foreach (var row in store.Policies.QueryAsync(keys.Partition, PolicyKeys.Tries(blob.Dataset, blob.Key), cancellationToken))
        {
            tries.Add(row.Read<UploadTry>());
        }

        var failed = tries.Where(t => t.Why is not null || time.GetUtcNow() - t.At > Young).OrderBy(t => t.At).ToList();
        return failed.Count < Most
            ? null
            : $"Set aside after {Most} tries: "
                + $"{failed.LastOrDefault(t => t.Why is not null)?.Why ?? "the host ended while it read the file."}";
    }

    public async Task<Row> BeginAsync(InboxBlob blob, CancellationToken cancellationToken)
    {
        var row = Row.Of(keys.Partition, PolicyKeys.Tries(blob.Dataset, blob.Key) + Ids.NewId(), new UploadTry { At = time.GetUtcNow() });
        await store.Policies.CommitAsync(RowChange.Put(row), cancellationToken);
        return row;
    }

    public Task FailedAsync(Row row, string why) =>
        store.Policies.CommitAsync(
            RowChange.Put(Row.Of(row.PartitionKey, row.RowKey, row.Read<UploadTry>() with { Why = why })),
            CancellationToken.None
        );

    /// <summary>It came to an end, or could not be tried at all: nothing to count.</summary>
    public async Task ForgetAsync(Row row) => await store.Policies.CommitAsync(RowChange.Delete(row), CancellationToken.None);

    /// <summary>Once it is recorded what became of the upload, nobody counts any more.</summary>
    public async Task ClearAsync(InboxBlob blob, CancellationToken cancellationToken)
    {
        await foreach (var row in store.Policies.QueryAsync(keys.Partition, PolicyKeys.Tries(blob.Dataset, blob.Key), cancellationToken))
        {
            await ForgetAsync(row);
        }
    }

    private sealed record UploadTry
    {
        public required DateTimeOffset At { get; init; }

        public string? Why { get; init; }
    }
}
