using System.Diagnostics;
using System.Globalization;
using Serverless.Core;

namespace Serverless.Storage.Tables;

/// <summary>Who drives something, and until when.</summary>
public sealed record LeaseRecord(string Owner, DateTimeOffset ExpiresAt);

/// <summary>
/// The exclusive right to drive something, stored as a row in the driven partition. Every transaction of the driver replaces the row under
/// an ETag condition (<see cref="PartitionWriter"/>), so a driver that has lost the lease can no longer write.
/// </summary>
public sealed class Lease
{
    /// <summary>The duration of a lease without a heartbeat.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private readonly TimeProvider time;

    private Lease(Row row, TimeProvider time)
    {
        Row = row;
        this.time = time;
    }

    internal Row Row { get; private set; }

    /// <summary>Identifies this process, so that the lease of a dead process on this machine can be taken over without waiting.</summary>
    public static string ThisOwner { get; } = OwnerOf(Process.GetCurrentProcess());

    /// <summary>Takes the lease. Otherwise returns null and its current holder.</summary>
    public static async Task<(Lease? Lease, LeaseRecord? Holder)> TryAcquireAsync(
        Table table,
        string partitionKey,
        string rowKey,
        TimeProvider time,
        string? owner = null,
        CancellationToken cancellationToken = default
    )
    {
        owner ??= ThisOwner + "/" + Ids.NewId()[..8];
        var there = await table.GetAsync(partitionKey, rowKey, cancellationToken);
        if (there?.Read<LeaseRecord>() is { } held && held.ExpiresAt > time.GetUtcNow() && !IsDead(held.Owner))
        {
            return (null, held);
        }

        var mine = Row.Of(partitionKey, rowKey, new LeaseRecord(owner, time.GetUtcNow() + Duration));
        var taken = await table.CommitAsync(
            there is null ? RowChange.Insert(mine) : RowChange.Replace(mine, there.ETag),
            cancellationToken
        );
        return taken.IsCommitted
            ? (new Lease(mine, time), null)
            : (null, (await table.GetAsync(partitionKey, rowKey, cancellationToken))?.Read<LeaseRecord>());
    }

    /// <summary>Returns true if the lease says that a driver is active now.</summary>
    public static bool IsHeld(LeaseRecord? lease, TimeProvider time) =>
        lease is not null && lease.ExpiresAt > time.GetUtcNow() && !IsDead(lease.Owner);

    /// <summary>Returns the change to include in a transaction. It fails if another driver has taken over.</summary>
    internal RowChange Renewal() =>
        RowChange.Replace(
            Tables.Row.Of(Row.PartitionKey, Row.RowKey, Row.Read<LeaseRecord>() with { ExpiresAt = time.GetUtcNow() + Duration }),
            Row.ETag
        );

    internal RowChange Release() =>
        RowChange.Replace(
            Tables.Row.Of(Row.PartitionKey, Row.RowKey, Row.Read<LeaseRecord>() with { ExpiresAt = DateTimeOffset.UnixEpoch }),
            Row.ETag
        );

    internal void Renewed(Row row) => Row = row;

    /// <summary>
    /// Returns true if the row still names this owner, in a version other than the one last written. A store that comes back after a crash
    /// may have lost its last writes.
    /// </summary>
    internal async Task<bool> IsStillOursAsync(Table table)
    {
        var there = await table.GetAsync(Row.PartitionKey, Row.RowKey);
        if (there is null || there.ETag == Row.ETag || there.Read<LeaseRecord>().Owner != Row.Read<LeaseRecord>().Owner)
        {
            return false;
        }

        Row = there;
        return true;
    }

    private static string OwnerOf(Process process) =>
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{process.Id}/{ProcessStart.Of(process)}");

    /// <summary>Returns true only if it is certain that the owner is a process of this machine that has ended.</summary>
    private static bool IsDead(string owner)
    {
        var parts = owner.Split('/');
        if (parts.Length < 3 || parts[0] != Environment.MachineName || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var id))
        {
            return false;
        }

        return !long.TryParse(parts[2], CultureInfo.InvariantCulture, out var start) || !ProcessStart.IsAlive(id, start);
    }
}
