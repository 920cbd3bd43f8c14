using Serverless.Storage;

namespace Serverless.Training;

/// <summary>Datasets that come in through the inbox: uploads, and the versions they became.</summary>
public sealed class DatasetStore(Store store)
{
    private readonly PolicyKeys keys = new(store.Workspace);

    internal Table Table => store.Policies;

    internal string Partition => keys.Partition;

    public async Task<UploadRecord?> FindUploadAsync(string dataset, string key, CancellationToken cancellationToken = default) =>
        (await Table.GetAsync(Partition, PolicyKeys.Upload(dataset, key), cancellationToken).ConfigureAwait(false))?.Read<UploadRecord>();

    public async Task<IReadOnlyList<UploadRecord>> ListUploadsAsync(string dataset, CancellationToken cancellationToken = default)
    {
        var uploads = new List<UploadRecord>();
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.Uploads(dataset), cancellationToken).ConfigureAwait(false))
        {
            uploads.Add(row.Read<UploadRecord>());
        }

        return [.. uploads.OrderBy(u => u.UploadedAt)];
    }

    /// <summary>The newest versions, the newest first.</summary>
    public async Task<IReadOnlyList<InboxVersion>> ListVersionsAsync(string dataset, int count = int.MaxValue, CancellationToken cancellationToken = default)
    {
        var versions = new List<InboxVersion>();
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.Versions(dataset), cancellationToken).ConfigureAwait(false))
        {
            if (versions.Count == count)
            {
                break;
            }

            versions.Add(row.Read<InboxVersion>());
        }

        return versions;
    }

    /// <summary>
    /// Records what became of an upload, and the version that it makes, in one transaction: an upload that is delivered twice, or read by
    /// two hosts at once, makes one version.
    /// </summary>
    internal async Task<UploadRecord> RecordAsync(UploadRecord upload, InboxVersion? version, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindUploadAsync(upload.Dataset, upload.Key, cancellationToken).ConfigureAwait(false) is { } there)
            {
                return there;
            }

            var changes = new List<RowChange>();
            var recorded = upload;
            if (version is not null)
            {
                var row = await Table.GetAsync(Partition, PolicyKeys.Newest(upload.Dataset), cancellationToken).ConfigureAwait(false);
                var number = (row?.Read<NewestVersion>().Version ?? 0) + 1;
                recorded = upload with { Version = number };
                var newest = Row.Of(Partition, PolicyKeys.Newest(upload.Dataset), new NewestVersion(number));
                changes.Add(row is null ? RowChange.Insert(newest) : RowChange.Replace(newest, row.ETag));
                changes.Add(RowChange.Insert(Row.Of(Partition, PolicyKeys.Version(upload.Dataset, number), version with { Version = number })));
            }

            changes.Add(RowChange.Insert(Row.Of(Partition, PolicyKeys.Upload(upload.Dataset, upload.Key), recorded)));
            if ((await Table.CommitAsync(changes, cancellationToken).ConfigureAwait(false)).IsCommitted)
            {
                return recorded;
            }
        }
    }

    internal Task AnsweredAsync(UploadRecord upload, CancellationToken cancellationToken) => Table.CommitAsync(
        RowChange.Put(Row.Of(Partition, PolicyKeys.Upload(upload.Dataset, upload.Key), upload with { IsAnswered = true })), cancellationToken);

    private sealed record NewestVersion(int Version);
}
