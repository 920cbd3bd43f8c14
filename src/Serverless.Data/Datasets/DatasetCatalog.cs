using System.Globalization;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Data.Datasets;

/// <summary>
/// The datasets of a workspace. A dataset is one partition: its record, its versions, branches and tags change together or not at all,
/// and a branch moves only from the version that the committer saw.
/// </summary>
public sealed class DatasetCatalog
{
    public const string MainBranch = "main";

    /// <summary>The line of what comes in through the inbox: each accepted upload is a version on it.</summary>
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

    /// <summary>All datasets, by name.</summary>
    public async Task<IReadOnlyList<Dataset>> ListAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<Dataset>();
        await foreach (var row in store.Index.QueryAsync(ListPartition, "", cancellationToken))
        {
            // The name is listed before the dataset is made: one whose making broke off is not there.
            if (await FindAsync(Keys.Split(row.RowKey)[0], cancellationToken) is { } dataset)
            {
                found.Add(dataset);
            }
        }

        return found;
    }

    public async Task<Dataset?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        (await store.Datasets.GetAsync(Partition(name), DatasetRow, cancellationToken))?.Read<Dataset>();

    /// <summary>Its versions, the newest first.</summary>
    /// <param name="before">Only versions of a smaller number.</param>
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

    /// <summary>The newest version of a branch: what a commit goes on top of. Null where the branch, or the dataset, is to begin.</summary>
    public async Task<int?> FindHeadAsync(string name, string branch, CancellationToken cancellationToken = default) =>
        (await PartAsync<DatasetBranch>(name, "b|" + branch, cancellationToken))?.Head;

    public async Task<IReadOnlyList<DatasetTag>> ListTagsAsync(string name, CancellationToken cancellationToken = default) =>
        await ReadAllAsync<DatasetTag>(name, "t|", cancellationToken);

    /// <summary>A version by its number, its digest, a tag or a branch.</summary>
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
                $"The dataset '{name}' has no version, tag or branch '{reference}'.",
                $"`mlops data versions {name}` lists them."
            );
    }

    /// <summary>The files of a version, by path.</summary>
    public Task<DirectoryListing> ListFilesAsync(string name, DatasetVersion version, CancellationToken cancellationToken = default) =>
        content.ListAsync(name, version.Digest, cancellationToken);

    /// <summary>Makes the next version of a branch. What it names must be in the store.</summary>
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

            // Another branch moved, or this one did: looked at anew, the second is refused.
            if (attempt == Attempts)
            {
                throw ServerlessException.Conflict($"Too many commits to '{name}' at once.", "Send it again.");
            }
        }
    }

    /// <summary>Begins a branch at a version, or moves it there.</summary>
    /// <param name="expected">The version that the branch is at; null where it is to begin.</param>
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

    /// <summary>Names a version. A tag that names another version already stays where it is, unless it is told to move.</summary>
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
                    $"The tag '{tag}' of '{name}' names version {there.Version}.",
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
            : throw ServerlessException.Conflict($"The tag '{tag}' of '{name}' was changed at the same time.", "Look at it and try again.");
    }

    /// <summary>Takes a tag off; the version stays. False if there was none.</summary>
    public async Task<bool> RemoveTagAsync(string name, string tag, CancellationToken cancellationToken = default)
    {
        await GetAsync(name, cancellationToken);
        return await store.Datasets.GetAsync(Partition(name), LabelKey("t|", tag), cancellationToken) is { } row
            && (await store.Datasets.CommitAsync(RowChange.Delete(row, row.ETag), cancellationToken)).IsCommitted;
    }

    public async Task<Dataset> GetAsync(string name, CancellationToken cancellationToken = default) =>
        await FindAsync(name, cancellationToken)
        ?? throw ServerlessException.NotFound(
            $"There is no dataset '{name}'.",
            "`mlops data list` shows them; the first commit makes one."
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
                ? $"The dataset '{name}' has no branch '{branch}' yet."
                : $"The branch '{branch}' of '{name}' is at version {head}, not where this commit begins.",
            head is null
                ? "Commit without a parent to begin it."
                : $"Look at what version {head} changed and commit on top of it (`parent`: {head})."
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
