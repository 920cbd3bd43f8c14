using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Configuration;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Ignore;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;

namespace Serverless.Data.Operations;

/// <summary>A file as a repository has it: kept by git, or an output.</summary>
/// <param name="Digest">Of an output; a folder whose listing is not in the cache has one too.</param>
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

/// <summary>The files of a repository, those of git and the outputs together: of the folder on this machine, or of a commit.</summary>
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

    /// <summary>Its remotes. Of a folder's commit the folder's own: paths in it count from there.</summary>
    public RepositoryConfig Config { get; }

    /// <summary>Files, and output folders that cannot be looked into; by path.</summary>
    public IEnumerable<TreeItem> Items => items.Values;

    /// <param name="url">A folder on this machine or the address of a git repository.</param>
    /// <param name="revision">A branch, tag or commit; null: the folder as it is, of an address its HEAD.</param>
    /// <param name="cache">Where the data of an address goes; null: with the tree, to be gone with it.</param>
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
                $"Failed to open '{url}': there is no such folder.",
                "Give a folder or the address of a git repository."
            );
        }

        // A work tree's own commits need no copy; of an address a copy is fetched and its commit laid out in a folder of its own.
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

    /// <summary>Looks into the outputs again, after more of them came into the cache.</summary>
    public void Refresh(CancellationToken cancellationToken = default) => AddOutputs(cancellationToken);

    /// <summary>What is at or below a path; empty if nothing is.</summary>
    public IReadOnlyList<TreeItem> Below(string path) =>
        path.Length == 0
            ? [.. items.Values]
            : [.. items.Values.Where(i => i.Path == path || i.Path.StartsWith(path + "/", StringComparison.Ordinal))];

    /// <summary>The digests that <see cref="CopyTo"/> needs and the cache has not.</summary>
    public IReadOnlyList<TreeItem> Missing(IEnumerable<TreeItem> wanted) =>
        [.. wanted.Where(i => i.Digest is not null && !Repository.Cache.Contains(i.Digest, i.Kind))];

    /// <summary>Lays a file down.</summary>
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
