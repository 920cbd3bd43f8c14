using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Datasets that come in through the inbox: what became of each upload is kept here, the versions they became are versions of the catalog's
/// datasets, on the line <see cref="DatasetCatalog.InboxBranch"/>.
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

    /// <summary>The newest versions, the newest first.</summary>
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
    /// Records what became of an upload, and makes it a version of its dataset if it was accepted. The version is a commit that has the
    /// upload's
    /// key: one that is delivered twice, or read by two hosts at once, or again after a crash in between, makes one version.
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

    /// <summary>Leaves with each version that a run learns from that it does: of several, the run's own inputs are something new.</summary>
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
                // Another upload became a version in between: this one goes on top of it.
            }
        }
    }

    internal Task AnsweredAsync(UploadRecord upload, CancellationToken cancellationToken) =>
        Table.CommitAsync(
            RowChange.Put(Row.Of(Partition, PolicyKeys.Upload(upload.Dataset, upload.Key), upload with { IsAnswered = true })),
            cancellationToken
        );
}
