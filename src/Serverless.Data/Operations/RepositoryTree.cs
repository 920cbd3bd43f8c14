using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Configuration;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Ignore;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;

namespace Serverless.Data.Operations;

/// <summary>A file of a repository, tracked by git or an output.</summary>
/// <param name="Digest">The digest of an output, also of a folder whose listing is not in the cache.</param>
public sealed record TreeItem(
    string Path,
    bool IsOutput,
    bool IsDirectory,
    bool IsExecutable,
    long? Size,
    string? Digest,
    HashKind Kind = HashKind.Md5
)
{
    internal Action<string>? Write { get; init; }
}

/// <summary>The files of a repository, both git's and outputs, of a local folder or of a commit.</summary>
public sealed class RepositoryTree : IDisposable
{
    private readonly SortedDictionary<string, TreeItem> items = new(StringComparer.Ordinal);
    private readonly string? temporary;

    private RepositoryTree(Repository repository, string? temporary, RepositoryConfig? config = null)
    {
        Repository = repository;
        this.temporary = temporary;
        Config = config ?? repository.Config;
    }

    public Repository Repository { get; }

    /// <summary>Gets the remotes. For a commit of a folder, uses the folder's own, because their paths are relative to it.</summary>
    public RepositoryConfig Config { get; }

    /// <summary>Gets files, and output folders that cannot be listed, by path.</summary>
    public IEnumerable<TreeItem> Items => items.Values;

    /// <param name="url">A local folder or the URL of a git repository.</param>
    /// <param name="revision">A branch, tag or commit; null for the folder's current state, or HEAD for a URL.</param>
    /// <param name="cache">The folder for the data of a URL; null to keep it with the tree and delete it with it.</param>
    public static RepositoryTree Open(string url, string? revision, CancellationToken cancellationToken = default, LocalCache? cache = null)
    {
        var isFolder = Directory.Exists(url);
        if (isFolder && revision is null)
        {
            var tree = new RepositoryTree(Repository.OpenOrBare(url), null);
            tree.AddFolder(cancellationToken);
            return tree;
        }

        if (
            !isFolder
            && !url.Contains("://", StringComparison.Ordinal)
            && !url.Contains('@', StringComparison.Ordinal)
            && !Path.Exists(url)
        )
        {
            throw ServerlessException.NotFound(
                $"Failed to open '{url}': the folder does not exist.",
                "Specify a folder or the URL of a git repository."
            );
        }

        // The commits of a work tree need no copy. For a URL, a copy is fetched and its commit written to a separate folder.
        var temporary = Directory.CreateTempSubdirectory("mlops-get-").FullName;
        try
        {
            var git = isFolder
                ? new GitTool(Repository.FindUp(Repository.RealPath(url), ".git") ?? url)
                : new GitTool(Clone(url, temporary));
            var commit = git.Resolve(revision ?? "HEAD");
            var root = Path.Combine(temporary, "tree");
            Directory.CreateDirectory(root);
            using var local = isFolder && Repository.FindRoot(url) is not null ? Repository.Open(url) : null;
            git.LayOut(commit, root, IsDescription);
            var tree = new RepositoryTree(Repository.OpenOrBare(root, local?.Cache ?? cache), temporary, local?.Config);
            tree.AddCommit(git, commit, cancellationToken);
            return tree;
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    /// <summary>Lists the outputs again after more of them arrived in the cache.</summary>
    public void Refresh(CancellationToken cancellationToken = default) => AddOutputs(cancellationToken);

    /// <summary>Returns what is at or below a path; empty if nothing is.</summary>
    public IReadOnlyList<TreeItem> Below(string path) =>
        path.Length == 0
            ? [.. items.Values]
            : [.. items.Values.Where(i => i.Path == path || i.Path.StartsWith(path + "/", StringComparison.Ordinal))];

    /// <summary>Returns the digests that <see cref="CopyTo"/> needs and the cache lacks.</summary>
    public IReadOnlyList<TreeItem> Missing(IEnumerable<TreeItem> wanted) =>
        [.. wanted.Where(i => i.Digest is not null && !Repository.Cache.Contains(i.Digest, i.Kind))];

    /// <summary>Writes a file.</summary>
    public void CopyTo(TreeItem item, string target)
    {
        if (item.Write is { } write)
        {
            FileTree.Write(target, item.IsExecutable, write);
        }
        else
        {
            FileTree.CopyFile(
                Repository.Cache.Contains(item.Digest!, item.Kind)
                    ? Repository.Cache.PathOf(item.Digest!, item.Kind)
                    : throw LocalCache.Missing(item.Digest!),
                target,
                item.IsExecutable
            );
        }
    }

    public void Dispose()
    {
        Repository.Dispose();
        if (temporary is not null)
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static string Clone(string url, string temporary)
    {
        var into = Path.Combine(temporary, "git");
        GitTool.Clone(url, into);
        return into;
    }

    private static bool IsDescription(string path) =>
        path.EndsWith(PointerFile.Extension, StringComparison.Ordinal)
        || path.StartsWith(".dvc/", StringComparison.Ordinal)
        || Path.GetFileName(path) is LockedStages.LockName or LockedStages.StagesName or IgnoreRules.FileName;

    private void AddFolder(CancellationToken cancellationToken)
    {
        foreach (var file in FolderScan.Files(Repository.Root, Repository.Ignore, cancellationToken))
        {
            var source = Repository.Root + "/" + file.Path;
            items[file.Path] = new TreeItem(file.Path, false, false, file.Stat.IsExecutable, file.Stat.Size, null)
            {
                Write = to => FileLinks.Copy(source, to),
            };
        }

        AddOutputs(cancellationToken);
    }

    private void AddCommit(GitTool git, string commit, CancellationToken cancellationToken)
    {
        foreach (var file in git.Files(commit).Where(f => !f.Path.StartsWith(".dvc/", StringComparison.Ordinal)))
        {
            items[file.Path] = new TreeItem(file.Path, false, false, file.IsExecutable, file.Size, null)
            {
                Write = to => File.WriteAllBytes(to, git.Read(file.Object)),
            };
        }

        AddOutputs(cancellationToken);
    }

    private void AddOutputs(CancellationToken cancellationToken)
    {
        foreach (
            var output in RepositoryIndex
                .Load(Repository, cancellationToken)
                .Outputs.Where(o => o.Entry is { IsCached: true, Content: not null })
        )
        {
            var (path, entry) = (Repository.Relative(output.Path), output.Entry);
            foreach (var old in Below(path))
            {
                items.Remove(old.Path);
            }

            if (!entry.IsDirectory || !Repository.Cache.Contains(entry.Digest!, entry.Kind))
            {
                items[path] = new TreeItem(path, true, entry.IsDirectory, entry.IsExecutable, entry.Size, entry.Digest, entry.Kind);
                continue;
            }

            foreach (var file in Repository.Cache.OpenListing(entry.Digest!, entry.Kind).Files)
            {
                var digest = file.Digest.ToString();
                items[$"{path}/{file.Path}"] = new TreeItem(
                    $"{path}/{file.Path}",
                    true,
                    false,
                    false,
                    FileStat.Of(Repository.Cache.PathOf(digest, entry.Kind))?.Size,
                    digest,
                    entry.Kind
                );
            }
        }
    }
}
