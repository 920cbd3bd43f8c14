using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Outputs;
using Serverless.Data.Repositories;

namespace Serverless.Data.Operations;

/// <summary>
/// Records which outputs were checked out here. A checkout of everything removes those that no pointer refers to any more (after `git
/// checkout`), but only if the cache can restore them and git does not track them.
/// </summary>
internal static class CheckedOut
{
    public static void Remember(Repository repository, IEnumerable<string> paths)
    {
        var known = Read(repository);
        var count = known.Count;
        known.UnionWith(paths.Select(repository.Relative));
        if (known.Count != count)
        {
            Write(repository, known);
        }
    }

    /// <summary>Removes outputs that nothing refers to any more. Returns their names.</summary>
    public static IReadOnlyList<string> RemoveUnused(RepositoryIndex index, CancellationToken cancellationToken)
    {
        var repository = index.Repository;
        var known = Read(repository);
        var unused = known.Where(p => index.Around(Path.Combine(repository.Root, p)) is null).ToList();
        if (unused.Count == 0)
        {
            return [];
        }

        var present = unused.Where(p => Path.Exists(Path.Combine(repository.Root, p))).ToList();
        var tracked =
            present.Count == 0 || repository.GitRoot is not { } root
                ? []
                : new GitTool(root).Tracked([.. present.Select(p => Path.GetRelativePath(root, Path.Combine(repository.Root, p)))]);
        var removed = new List<string>();
        foreach (var name in present)
        {
            var path = Path.Combine(repository.Root, name);
            var isFolder = Directory.Exists(path);
            if (index.Outputs.Any(o => o.Path.StartsWith(path + "/", StringComparison.Ordinal)) || IsTracked(repository, path, tracked))
            {
                continue;
            }

            try
            {
                new Checkout(repository).Remove(path, cancellationToken: cancellationToken);
                removed.Add(Path.GetRelativePath(Environment.CurrentDirectory, path) + (isFolder ? "/" : ""));
            }
            catch (ServerlessException)
            {
                // Part of its content is not in the cache: keep it and its record.
                unused.Remove(name);
            }
        }

        known.ExceptWith(unused);
        Write(repository, known);
        return removed;
    }

    private static bool IsTracked(Repository repository, string path, IReadOnlyList<string> tracked)
    {
        var relative = repository.GitRoot is { } root ? Path.GetRelativePath(root, path) : path;
        return tracked.Any(t => t == relative || t.StartsWith(relative + "/", StringComparison.Ordinal));
    }

    private static string FileOf(Repository repository) => Path.Combine(repository.TemporaryFolder, "mlops-outputs");

    private static SortedSet<string> Read(Repository repository) =>
        File.Exists(FileOf(repository))
            ? new(File.ReadAllLines(FileOf(repository)).Where(l => l.Length > 0), StringComparer.Ordinal)
            : new(StringComparer.Ordinal);

    private static void Write(Repository repository, SortedSet<string> names)
    {
        Directory.CreateDirectory(repository.TemporaryFolder);
        TemporaryFiles.WriteText(FileOf(repository), string.Concat(names.Select(n => n + "\n")));
    }
}
