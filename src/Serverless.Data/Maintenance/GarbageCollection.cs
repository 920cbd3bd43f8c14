using System.Globalization;
using System.Text.Json;
using Serverless.Core;
using Serverless.Data.Remotes;

namespace Serverless.Data.Maintenance;

/// <summary>The reason why objects are kept or removed, and their number.</summary>
public sealed record GarbageReason(string Reason, int Count, long Bytes);

/// <summary>The plan of a collection.</summary>
/// <param name="Goes">The unused objects.</param>
/// <param name="Stays">The reasons for keeping the others.</param>
public sealed record GarbagePlan(IReadOnlyList<RemoteObject> Goes, IReadOnlyList<GarbageReason> Stays)
{
    public long Bytes => Goes.Sum(g => g.Length);
}

/// <summary>The objects that a collection moved to the trash.</summary>
public sealed record TrashRecord(string Id, DateTimeOffset At, IReadOnlyList<string> Names, long Bytes);

/// <summary>
/// Moves unused objects of a cache or a remote to a trash next to the rest, from where they can be restored until it is purged. Listings
/// are removed first and restored last, because the presence of a listing implies its files.
/// </summary>
public sealed class GarbageCollection(IRemote remote, TimeProvider time, int? jobs = null)
{
    private const string Trash = "trash/";
    private readonly int jobs = jobs ?? remote.DefaultJobs;

    /// <param name="used">The objects in use, with the reason to report.</param>
    /// <param name="grace">The age below which objects are kept, because nothing refers to a push in progress yet.</param>
    public async Task<GarbagePlan> PlanAsync(
        IReadOnlyDictionary<ObjectId, string> used,
        TimeSpan grace,
        CancellationToken cancellationToken = default
    )
    {
        var goes = new List<RemoteObject>();
        var stays = new Dictionary<string, (int Count, long Bytes)>(StringComparer.Ordinal);
        var before = time.GetUtcNow() - grace;
        await foreach (var item in ListAsync(cancellationToken))
        {
            if (ObjectId.OfRemoteName(item.Name) is not { } id)
            {
                continue;
            }

            var reason =
                used.GetValueOrDefault(id) ?? (item.LastModified > before ? $"younger than the grace period of {Text(grace)}" : null);
            if (reason is null)
            {
                goes.Add(item);
            }
            else
            {
                var (count, bytes) = stays.GetValueOrDefault(reason);
                stays[reason] = (count + 1, bytes + item.Length);
            }
        }

        return new GarbagePlan(
            goes,
            [.. stays.OrderByDescending(s => s.Value.Count).Select(s => new GarbageReason(s.Key, s.Value.Count, s.Value.Bytes))]
        );
    }

    /// <summary>Moves the objects of the plan to the trash.</summary>
    public async Task<TrashRecord> CollectAsync(GarbagePlan plan, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var record = new TrashRecord(
            string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd-HHmmss}-{Ids.NewId()[..6]}"),
            now,
            [.. plan.Goes.Select(g => g.Name)],
            plan.Bytes
        );
        // The record first: everything from here on can be undone.
        await WriteAsync(record, cancellationToken);
        await MoveAsync(record.Names.Where(IsListing), n => n, n => $"{Trash}{record.Id}/{n}", cancellationToken);
        await MoveAsync(record.Names.Where(n => !IsListing(n)), n => n, n => $"{Trash}{record.Id}/{n}", cancellationToken);
        return record;
    }

    /// <summary>Lists collections that were not purged, latest first.</summary>
    public async Task<IReadOnlyList<TrashRecord>> ListTrashAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<TrashRecord>();
        await foreach (var item in remote.ListAsync(Trash, cancellationToken))
        {
            if (
                item.Name.EndsWith(".json", StringComparison.Ordinal)
                && item.Name.Count(c => c == '/') == 1
                && await remote.OpenAsync(item.Name, cancellationToken) is { } body
            )
            {
                await using (body)
                {
                    found.Add((await JsonSerializer.DeserializeAsync<TrashRecord>(body, cancellationToken: cancellationToken))!);
                }
            }
        }

        return [.. found.OrderByDescending(f => f.At)];
    }

    /// <summary>Restores the objects of a collection, files before listings.</summary>
    public async Task<int> UndoAsync(TrashRecord record, CancellationToken cancellationToken = default)
    {
        var count = await MoveAsync(record.Names.Where(n => !IsListing(n)), n => $"{Trash}{record.Id}/{n}", n => n, cancellationToken);
        count += await MoveAsync(record.Names.Where(IsListing), n => $"{Trash}{record.Id}/{n}", n => n, cancellationToken);
        await remote.DeleteAsync(RecordName(record.Id), cancellationToken);
        return count;
    }

    /// <summary>Permanently deletes the objects of a collection.</summary>
    public async Task PurgeAsync(TrashRecord record, CancellationToken cancellationToken = default)
    {
        await Parallel.ForEachAsync(
            record.Names,
            Options(cancellationToken),
            async (name, token) => await remote.DeleteAsync($"{Trash}{record.Id}/{name}", token)
        );
        await remote.DeleteAsync(RecordName(record.Id), cancellationToken);
    }

    /// <summary>Formats a duration for people.</summary>
    public static string Text(TimeSpan time) =>
        time.TotalDays >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours");

    private static bool IsListing(string name) => name.EndsWith(".dir", StringComparison.Ordinal);

    private static string RecordName(string id) => $"{Trash}{id}.json";

    private async IAsyncEnumerable<RemoteObject> ListAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var item in remote.ListAsync("files/md5/", cancellationToken))
        {
            yield return item;
        }

        // DVC 2's objects are stored next to the others; the API does not list a whole workspace.
        for (var i = 0; i < 256; i++)
        {
            await foreach (var item in remote.ListAsync(i.ToString("x2", CultureInfo.InvariantCulture) + "/", cancellationToken))
            {
                yield return item;
            }
        }
    }

    private async Task<int> MoveAsync(
        IEnumerable<string> names,
        Func<string, string> from,
        Func<string, string> to,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        await Parallel.ForEachAsync(
            names,
            Options(cancellationToken),
            async (name, token) =>
            {
                if (await remote.MoveAsync(from(name), to(name), token))
                {
                    Interlocked.Increment(ref count);
                }
            }
        );
        return count;
    }

    private async Task WriteAsync(TrashRecord record, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(record);
        using var body = new MemoryStream(bytes, writable: false);
        await remote.PutAsync(
            RecordName(record.Id),
            body,
            bytes.Length,
            System.Security.Cryptography.MD5.HashData(bytes),
            cancellationToken
        );
    }

    private ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken };
}
