using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Stores what became of each upload to the inbox. The resulting versions are versions of the catalog's datasets, on the branch
/// <see cref="DatasetCatalog.InboxBranch"/>.
/// </summary>
public sealed class DatasetStore(Store store, TimeProvider? time = null)
{
    private const int Attempts = 50;
    private const string PolicyTask = "policy";
    private readonly DatasetCatalog catalog = new(store, time ?? TimeProvider.System);
    private readonly PolicyKeys keys = new(store.Workspace);

    internal Table Table => store.Policies;

    internal string Partition => keys.Partition;

    public async Task<UploadRecord?> FindUploadAsync(string dataset, string key, CancellationToken cancellationToken = default) =>
        (await Table.GetAsync(Partition, PolicyKeys.Upload(dataset, key), cancellationToken))?.Read<UploadRecord>();

    public async Task<IReadOnlyList<UploadRecord>> ListUploadsAsync(string dataset, CancellationToken cancellationToken = default)
    {
        var uploads = new List<UploadRecord>();
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.Uploads(dataset), cancellationToken))
        {
            uploads.Add(row.Read<UploadRecord>());
        }

        return [.. uploads.OrderBy(u => u.UploadedAt)];
    }

    /// <summary>Lists the newest versions, newest first.</summary>
    public async Task<IReadOnlyList<InboxVersion>> ListVersionsAsync(
        string dataset,
        int count = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        await catalog.FindAsync(dataset, cancellationToken) is null
            ? []
            :
            [
                .. (
                    await catalog.ListVersionsAsync(dataset, DatasetCatalog.InboxBranch, limit: count, cancellationToken: cancellationToken)
                ).Select(v => InboxVersion.Of(dataset, v)),
            ];

    /// <summary>
    /// Records the result of an upload, and creates a version of its dataset if it was accepted. The version's commit carries the upload's
    /// key: an upload that is delivered twice, read by two hosts at once, or read again after a crash creates one version.
    /// </summary>
    internal async Task<UploadRecord> RecordAsync(UploadRecord upload, CancellationToken cancellationToken)
    {
        if (await FindUploadAsync(upload.Dataset, upload.Key, cancellationToken) is { } there)
        {
            return there;
        }

        var recorded =
            upload.State == UploadState.Versioned ? upload with { Version = await CommitAsync(upload, cancellationToken) } : upload;
        var row = Row.Of(Partition, PolicyKeys.Upload(upload.Dataset, upload.Key), recorded);
        return (await Table.CommitAsync(RowChange.Insert(row), cancellationToken)).IsCommitted
            ? recorded
            : (await FindUploadAsync(upload.Dataset, upload.Key, cancellationToken))!;
    }

    /// <summary>Records on each version that a run trains on it. For several versions, the run's own input is a new file.</summary>
    internal Task RecordUseAsync(string runId, string path, IReadOnlyList<InboxVersion> versions, CancellationToken cancellationToken) =>
        catalog.Lineage.RecordAsync(runId, PolicyTask, versions.Select(v => (path, v.Content.Digest)), [], cancellationToken);

    private async Task<int> CommitAsync(UploadRecord upload, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var commit = new DatasetCommit
            {
                Branch = DatasetCatalog.InboxBranch,
                Parent = await catalog.FindHeadAsync(upload.Dataset, DatasetCatalog.InboxBranch, cancellationToken),
                Digest = upload.Content!.Digest,
                Size = upload.Content.Size,
                File = upload.File,
                Rows = upload.Rows,
                Message = $"Upload of {upload.File}",
                CommitId = upload.Key,
            };
            try
            {
                return (await catalog.CommitAsync(upload.Dataset, commit, cancellationToken)).Number;
            }
            catch (ServerlessException e) when (e.Status == 409 && attempt < Attempts)
            {
                // Another upload became a version in the meantime: this one follows it.
            }
        }
    }

    internal Task AnsweredAsync(UploadRecord upload, CancellationToken cancellationToken) =>
        Table.CommitAsync(
            RowChange.Put(Row.Of(Partition, PolicyKeys.Upload(upload.Dataset, upload.Key), upload with { IsAnswered = true })),
            cancellationToken
        );
}
