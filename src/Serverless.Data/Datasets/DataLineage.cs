using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Data.Datasets;

/// <summary>A step of the lineage: a run that used or produced some content.</summary>
public sealed record DataUse(string RunId, string Task, string Name, DateTimeOffset At);

/// <summary>A version of a dataset by name.</summary>
public sealed record DatasetReference(string Dataset, int Version);

/// <summary>The lineage of some content: the versions with that content, the runs that produced it, and the runs that used it.</summary>
public sealed record ContentLineage(
    string Digest,
    IReadOnlyList<DatasetReference> Versions,
    IReadOnlyList<DataUse> MadeBy,
    IReadOnlyList<DataUse> UsedBy
);

/// <summary>
/// Records which runs produced and used some content. A digest is a partition, so one read answers both questions. A task writes one row
/// for each of its inputs and outputs; a repeated task writes the same rows.
/// </summary>
public sealed class DataLineage(Store store, TimeProvider time)
{
    private const int ParallelRows = 8;

    /// <summary>Records what a task read and wrote.</summary>
    public async Task RecordAsync(
        string runId,
        string task,
        IEnumerable<(string Name, string Digest)> used,
        IEnumerable<(string Name, string Digest)> made,
        CancellationToken cancellationToken = default
    )
    {
        var now = time.GetUtcNow();
        var rows = used.Select(u => (Kind: "used", Content: u))
            .Concat(made.Select(m => (Kind: "made", Content: m)))
            .DistinctBy(r => (r.Kind, r.Content.Digest));
        await Parallel.ForEachAsync(
            rows,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelRows, CancellationToken = cancellationToken },
            async (row, token) =>
            {
                var (name, digest) = row.Content;
                var record = Row.Of(Partition(digest), Keys.Join(row.Kind, runId, Keys.Bounded(task)), new DataUse(runId, task, name, now));
                await store.Datasets.CommitAsync(RowChange.Put(record), token);
            }
        );
    }

    /// <summary>Returns the lineage of some content.</summary>
    public async Task<ContentLineage> OfAsync(string digest, CancellationToken cancellationToken = default)
    {
        var (versions, made, used) = (new List<DatasetReference>(), new List<DataUse>(), new List<DataUse>());
        await foreach (var row in store.Datasets.QueryAsync(Partition(digest), "", cancellationToken))
        {
            switch (Keys.Split(row.RowKey)[0])
            {
                case "version":
                    versions.Add(row.Read<DatasetReference>());
                    break;
                case "made":
                    made.Add(row.Read<DataUse>());
                    break;
                case "used":
                    used.Add(row.Read<DataUse>());
                    break;
            }
        }

        return new ContentLineage(digest, versions, [.. made.OrderBy(m => m.At)], [.. used.OrderBy(u => u.At)]);
    }

    internal Task NoteVersionAsync(string dataset, DatasetVersion version, CancellationToken cancellationToken) =>
        store.Datasets.CommitAsync(
            RowChange.Put(
                Row.Of(
                    Partition(version.Digest),
                    Keys.Join("version", dataset, version.Number.ToString("D10", System.Globalization.CultureInfo.InvariantCulture)),
                    new DatasetReference(dataset, version.Number)
                )
            ),
            cancellationToken
        );

    // Two bars: no dataset can have such a name.
    private string Partition(string digest) => Keys.Join(store.Workspace, "", digest);
}
