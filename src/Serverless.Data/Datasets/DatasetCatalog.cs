using System.Globalization;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Data.Datasets;

/// <summary>
/// Manages the datasets of a workspace. A dataset is one partition: its record, versions, branches and tags change together or not at all,
/// and a branch only moves from the version that the committer saw.
/// </summary>
public sealed class DatasetCatalog
{
    public const string MainBranch = "main";

    /// <summary>The branch of uploads to the inbox: each accepted upload is a version on it.</summary>
    public const string InboxBranch = "inbox";
    private const int Attempts = 20;
    private const string DatasetRow = "dataset";

    private readonly Store store;
    private readonly TimeProvider time;
    private readonly VersionContent content;

    public DatasetCatalog(Store store, TimeProvider time)
    {
        this.store = store;
        this.time = time;
        content = new VersionContent(store);
        Lineage = new DataLineage(store, time);
    }

    public DataLineage Lineage { get; }

    /// <summary>Lists all datasets by name.</summary>
    public async Task<IReadOnlyList<Dataset>> ListAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<Dataset>();
        await foreach (var row in store.Index.QueryAsync(ListPartition, "", cancellationToken))
        {
            // The name is listed before the dataset is created, so a dataset whose creation was interrupted does not exist.
            if (await FindAsync(Keys.Split(row.RowKey)[0], cancellationToken) is { } dataset)
            {
                found.Add(dataset);
            }
        }

        return found;
    }

    public async Task<Dataset?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        (await store.Datasets.GetAsync(Partition(name), DatasetRow, cancellationToken))?.Read<Dataset>();

    /// <summary>Lists the versions of a dataset, newest first.</summary>
    /// <param name="before">Returns only versions with a smaller number.</param>
    public async Task<IReadOnlyList<DatasetVersion>> ListVersionsAsync(
        string name,
        string? branch = null,
        int? before = null,
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    )
    {
        await GetAsync(name, cancellationToken);
        var found = new List<DatasetVersion>();
        var from = before is { } number ? VersionKey(number - 1) : "v|";
        await foreach (var row in store.Datasets.QueryAsync(Partition(name), from, Keys.After("v|"), cancellationToken))
        {
            var version = row.Read<DatasetVersion>();
            if (branch is null || version.Branch == branch)
            {
                found.Add(version);
                if (found.Count == limit)
                {
                    break;
                }
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<DatasetBranch>> ListBranchesAsync(string name, CancellationToken cancellationToken = default) =>
        await ReadAllAsync<DatasetBranch>(name, "b|", cancellationToken);

    /// <summary>
    /// Returns the newest version of a branch, which the next commit builds on. Null if the branch or the dataset does not exist yet.
    /// </summary>
    public async Task<int?> FindHeadAsync(string name, string branch, CancellationToken cancellationToken = default) =>
        (await PartAsync<DatasetBranch>(name, "b|" + branch, cancellationToken))?.Head;

    public async Task<IReadOnlyList<DatasetTag>> ListTagsAsync(string name, CancellationToken cancellationToken = default) =>
        await ReadAllAsync<DatasetTag>(name, "t|", cancellationToken);

    /// <summary>Returns a version by its number, its digest, a tag or a branch.</summary>
    public async Task<DatasetVersion> ResolveAsync(string name, string reference, CancellationToken cancellationToken = default)
    {
        await GetAsync(name, cancellationToken);
        var number =
            int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given
            : await PartAsync<DatasetTag>(name, "t|" + reference, cancellationToken) is { } tag ? tag.Version
            : await PartAsync<DatasetBranch>(name, "b|" + reference, cancellationToken) is { } branch ? branch.Head
            : ObjectId.TryParse(reference, HashKind.Md5, out _)
                ? (await ListVersionsAsync(name, cancellationToken: cancellationToken)).FirstOrDefault(v => v.Digest == reference)?.Number
            : null;
        return number is { } known && await PartAsync<DatasetVersion>(name, VersionKey(known), cancellationToken) is { } version
            ? version
            : throw ServerlessException.NotFound(
                $"Dataset '{name}' has no version, tag or branch '{reference}'.",
                $"List its versions with `mlops data versions {name}`."
            );
    }

    /// <summary>Lists the files of a version by path.</summary>
    public Task<DirectoryListing> ListFilesAsync(string name, DatasetVersion version, CancellationToken cancellationToken = default) =>
        content.ListAsync(name, version.Digest, cancellationToken);

    /// <summary>Creates the next version of a branch. The content that it refers to must be in the store.</summary>
    public async Task<DatasetVersion> CommitAsync(string name, DatasetCommit commit, CancellationToken cancellationToken = default)
    {
        DatasetNames.Check(name, "dataset");
        DatasetNames.CheckLabel(commit.Branch, "branch");
        for (var attempt = 1; ; attempt++)
        {
            if (commit.CommitId is { } id && await PartAsync<int?>(name, "c|" + Keys.Bounded(id), cancellationToken) is { } done)
            {
                var made = await ResolveAsync(name, done.ToString(CultureInfo.InvariantCulture), cancellationToken);
                await Lineage.NoteVersionAsync(name, made, cancellationToken);
                return made;
            }

            var row = await store.Datasets.GetAsync(Partition(name), DatasetRow, cancellationToken);
            var branchRow = row is null
                ? null
                : await store.Datasets.GetAsync(Partition(name), LabelKey("b|", commit.Branch), cancellationToken);
            var branch = branchRow?.Read<DatasetBranch>();
            CheckHead(name, commit, branch);
            var parent = branch is null ? null : await PartAsync<DatasetVersion>(name, VersionKey(branch.Head), cancellationToken);
            var (digest, size, count) = await content.BuildAsync(name, parent, commit, cancellationToken);
            var now = time.GetUtcNow();
            var dataset =
                row?.Read<Dataset>()
                ?? new Dataset
                {
                    Name = name,
                    CreatedAt = now,
                    UpdatedAt = now,
                };
            var version = new DatasetVersion
            {
                Number = dataset.LastVersion + 1,
                Digest = digest,
                Parent = branch?.Head,
                Branch = commit.Branch,
                Size = size,
                FileCount = count,
                File = commit.File,
                Rows = commit.Rows,
                Message = commit.Message,
                By = commit.By,
                At = now,
                RunId = commit.RunId,
                CommitId = commit.CommitId,
            };
            if (row is null)
            {
                await store.Index.CommitAsync(RowChange.Put(Row.Of(ListPartition, Keys.Join(name), now)), cancellationToken);
            }

            dataset = dataset with { LastVersion = version.Number, UpdatedAt = now };
            var (key, head) = (LabelKey("b|", commit.Branch), new DatasetBranch(commit.Branch, version.Number, now));
            List<RowChange> changes =
            [
                row is null
                    ? RowChange.Insert(RowOf(name, DatasetRow, dataset))
                    : RowChange.Replace(RowOf(name, DatasetRow, dataset), row.ETag),
                branchRow is null ? RowChange.Insert(RowOf(name, key, head)) : RowChange.Replace(RowOf(name, key, head), branchRow.ETag),
                RowChange.Insert(RowOf(name, VersionKey(version.Number), version)),
            ];
            if (commit.CommitId is { } commitId)
            {
                changes.Add(RowChange.Insert(RowOf(name, LabelKey("c|", Keys.Bounded(commitId)), version.Number)));
            }

            if ((await store.Datasets.CommitAsync(changes, cancellationToken)).IsCommitted)
            {
                await Lineage.NoteVersionAsync(name, version, cancellationToken);
                return version;
            }

            // Another branch moved, or this one did. The next attempt reads the state again and refuses the second case.
            if (attempt == Attempts)
            {
                throw ServerlessException.Conflict($"Too many commits to '{name}' at once.", "Retry the commit.");
            }
        }
    }

    /// <summary>Creates a branch at a version, or moves it there.</summary>
    /// <param name="expected">The current version of the branch, or null to create it.</param>
    public async Task<DatasetBranch> SetBranchAsync(
        string name,
        string branch,
        int version,
        int? expected,
        CancellationToken cancellationToken = default
    )
    {
        DatasetNames.CheckLabel(branch, "branch");
        await ResolveAsync(name, version.ToString(CultureInfo.InvariantCulture), cancellationToken);
        var row = await store.Datasets.GetAsync(Partition(name), LabelKey("b|", branch), cancellationToken);
        if (row?.Read<DatasetBranch>().Head != expected)
        {
            throw Moved(name, branch, row?.Read<DatasetBranch>().Head);
        }

        var moved = new DatasetBranch(branch, version, time.GetUtcNow());
        var change = row is null
            ? RowChange.Insert(RowOf(name, LabelKey("b|", branch), moved))
            : RowChange.Replace(RowOf(name, LabelKey("b|", branch), moved), row.ETag);
        return (await store.Datasets.CommitAsync(change, cancellationToken)).IsCommitted ? moved : throw Moved(name, branch, null);
    }

    /// <summary>Tags a version. Moves an existing tag only if requested.</summary>
    public async Task<DatasetTag> SetTagAsync(
        string name,
        string tag,
        string reference,
        string? by,
        bool move = false,
        CancellationToken cancellationToken = default
    )
    {
        DatasetNames.CheckLabel(tag, "tag");
        var version = await ResolveAsync(name, reference, cancellationToken);
        var row = await store.Datasets.GetAsync(Partition(name), LabelKey("t|", tag), cancellationToken);
        if (row?.Read<DatasetTag>() is { } there && (there.Version == version.Number || !move))
        {
            return there.Version == version.Number
                ? there
                : throw new ServerlessException(
                    ErrorCodes.ResourceAlreadyExists,
                    $"Tag '{tag}' of '{name}' already refers to version {there.Version}.",
                    "Choose another tag, or move this one (`--force`, `\"move\": true`).",
                    409
                );
        }

        var made = new DatasetTag(tag, version.Number, by, time.GetUtcNow());
        var change = row is null
            ? RowChange.Insert(RowOf(name, LabelKey("t|", tag), made))
            : RowChange.Replace(RowOf(name, LabelKey("t|", tag), made), row.ETag);
        return (await store.Datasets.CommitAsync(change, cancellationToken)).IsCommitted
            ? made
            : throw ServerlessException.Conflict($"Tag '{tag}' of '{name}' was changed at the same time.", "Check the tag and try again.");
    }

    /// <summary>Removes a tag and keeps the version. Returns false if the tag does not exist.</summary>
    public async Task<bool> RemoveTagAsync(string name, string tag, CancellationToken cancellationToken = default)
    {
        await GetAsync(name, cancellationToken);
        return await store.Datasets.GetAsync(Partition(name), LabelKey("t|", tag), cancellationToken) is { } row
            && (await store.Datasets.CommitAsync(RowChange.Delete(row, row.ETag), cancellationToken)).IsCommitted;
    }

    public async Task<Dataset> GetAsync(string name, CancellationToken cancellationToken = default) =>
        await FindAsync(name, cancellationToken)
        ?? throw ServerlessException.NotFound(
            $"Dataset '{name}' does not exist.",
            "List the datasets with `mlops data list`. The first commit creates a dataset."
        );

    private string ListPartition => Keys.Join(store.Workspace, "datasets");

    private static string VersionKey(int number) => string.Create(CultureInfo.InvariantCulture, $"v|{int.MaxValue - number:D10}");

    private static string LabelKey(string kind, string name) => kind + Keys.Join(name);

    private static void CheckHead(string name, DatasetCommit commit, DatasetBranch? branch)
    {
        if (branch?.Head != commit.Parent)
        {
            throw Moved(name, commit.Branch, branch?.Head);
        }
    }

    private static ServerlessException Moved(string name, string branch, int? head) =>
        ServerlessException.Conflict(
            head is null
                ? $"Dataset '{name}' has no branch '{branch}' yet."
                : $"Branch '{branch}' of '{name}' is at version {head}, which is not the parent of this commit.",
            head is null
                ? "Commit without a parent to create it."
                : $"Review what version {head} changed and commit on top of it (`parent`: {head})."
        );

    private string Partition(string name) => Keys.Join(store.Workspace, name);

    private Row RowOf<T>(string name, string key, T record) => Row.Of(Partition(name), key, record);

    private async Task<T?> PartAsync<T>(string name, string key, CancellationToken cancellationToken)
    {
        var kind = key[..2];
        var row = await store.Datasets.GetAsync(Partition(name), kind == "v|" ? key : LabelKey(kind, key[2..]), cancellationToken);
        return row is null ? default : row.Read<T>();
    }

    private async Task<List<T>> ReadAllAsync<T>(string name, string kind, CancellationToken cancellationToken)
    {
        await GetAsync(name, cancellationToken);
        var found = new List<T>();
        await foreach (var row in store.Datasets.QueryAsync(Partition(name), kind, cancellationToken))
        {
            found.Add(row.Read<T>());
        }

        return found;
    }
}
