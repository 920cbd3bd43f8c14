using System.IO.Enumeration;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Ignore;
using Serverless.Data.Params;
using Serverless.Data.Pointers;

namespace Serverless.Data.Repositories;

/// <summary>
/// Indexes all pointers of a repository and the outputs that its lock files record. Does not descend into output folders.
/// </summary>
public sealed class RepositoryIndex
{
    private readonly Dictionary<string, TrackedOutput> byPath = new(StringComparer.Ordinal);

    private RepositoryIndex(Repository repository) => Repository = repository;

    public Repository Repository { get; }

    public List<PointerFile> Pointers { get; } = [];

    /// <summary>Gets the pointers in the order of the walk: a folder's own before those of its subfolders.</summary>
    public IReadOnlyCollection<TrackedOutput> Outputs => byPath.Values;

    /// <summary>Gets the folders that contain a `dvc.yaml`.</summary>
    public List<string> StageFolders { get; } = [];

    public static RepositoryIndex Load(Repository repository, CancellationToken cancellationToken = default)
    {
        var index = new RepositoryIndex(repository);
        index.Walk(repository.Root, cancellationToken);
        return index;
    }

    /// <summary>Returns the output at exactly this path.</summary>
    public TrackedOutput? Find(string path) => byPath.GetValueOrDefault(path);

    /// <summary>Returns the output that is, or contains, the path.</summary>
    public TrackedOutput? Around(string path)
    {
        for (var at = path; at is not null && at.Length >= Repository.Root.Length; at = Path.GetDirectoryName(at))
        {
            if (byPath.TryGetValue(at, out var found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>
    /// Resolves targets to outputs: a pointer, an output, a stage, a path within an output (returned as <c>Inside</c>), or with <paramref
    /// name="recursive"/> everything in a folder. Without targets, returns all.
    /// </summary>
    public IReadOnlyList<(TrackedOutput Output, string? Inside)> Select(IReadOnlyList<string> targets, bool recursive = false)
    {
        if (targets.Count == 0)
        {
            return [.. Outputs.Select(o => (o, (string?)null))];
        }

        var found = new List<(TrackedOutput, string?)>();
        foreach (var target in targets)
        {
            var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
            var direct = Outputs
                .Where(o =>
                    o.Pointer?.Path == path
                    || o.Path == path
                    || o.Owner == target
                    || o.Owner == target.Replace($"{LockedStages.StagesName}:", "", StringComparison.Ordinal)
                    || (
                        Path.GetFileName(path) == LockedStages.StagesName
                        && o.Pointer is null
                        && o.Owner.StartsWith(Prefix(Path.GetDirectoryName(path)!), StringComparison.Ordinal)
                    )
                )
                .ToList();
            if (direct.Count == 0 && recursive && Directory.Exists(path))
            {
                direct = [.. Outputs.Where(o => o.Path.StartsWith(path + Path.DirectorySeparatorChar, StringComparison.Ordinal))];
                found.AddRange(direct.Select(o => (o, (string?)null)));
            }
            else if (direct.Count > 0)
            {
                found.AddRange(direct.Select(o => (o, (string?)null)));
            }
            else
            {
                found.Add(
                    Around(path) is { } around
                        ? (around, path[(around.Path.Length + 1)..])
                        : throw ServerlessException.NotFound(
                            $"'{target}' does not exist as an output or a stage name in 'dvc.yaml': '{target}' does not exist",
                            "Specify a tracked file or folder, a .dvc file or a stage. List them with `mlops status`."
                        )
                );
            }
        }

        return [.. found.Distinct()];
    }

    /// <summary>Adds a pointer. Rejects two pointers with the same output, or with one output inside another.</summary>
    public void Add(PointerFile pointer)
    {
        Pointers.Add(pointer);
        foreach (var entry in pointer.Outputs)
        {
            Add(new TrackedOutput(pointer.PathOf(entry), entry, pointer.Name, pointer));
        }
    }

    /// <summary>Returns the address prefix of stages in a folder: empty for the current folder, otherwise its path with `/`.</summary>
    public static string Prefix(string folder)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, folder).Replace('\\', '/');
        return relative == "." ? "" : relative + "/";
    }

    private void Add(TrackedOutput output)
    {
        if (byPath.TryGetValue(output.Path, out var other))
        {
            throw ServerlessException.Invalid(
                $"output '{output.Name}' is specified in:\n\t- {other.Owner}\n\t- {output.Owner}",
                "Keep it in one of them."
            );
        }

        byPath[output.Path] = output;
    }

    private void Walk(string folder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rules = Repository.Ignore.For(folder);
        var folders = new List<string>();
        var (locked, staged) = (false, false);
        foreach (var (name, isFolder) in Items(folder))
        {
            if (isFolder)
            {
                if (!rules.IsIgnored(name, isFolder: true))
                {
                    folders.Add(Path.Combine(folder, name));
                }
            }
            else if (
                name.EndsWith(PointerFile.Extension, StringComparison.Ordinal)
                && name.Length > PointerFile.Extension.Length
                && !rules.IsIgnored(name, isFolder: false)
            )
            {
                Add(PointerFile.Load(Repository, Path.Combine(folder, name)));
            }
            else
            {
                locked |= name == LockedStages.LockName;
                staged |= name == LockedStages.StagesName;
            }
        }

        if (staged)
        {
            StageFolders.Add(folder);
        }

        if (locked && staged)
        {
            var prefix = Prefix(folder);
            var stages = TextFile.Read(Path.Combine(folder, LockedStages.StagesName), prefix + LockedStages.StagesName);
            foreach (
                var output in LockedStages.Outputs(
                    folder,
                    prefix,
                    TextFile.Read(Path.Combine(folder, LockedStages.LockName), prefix + LockedStages.LockName),
                    stages
                )
            )
            {
                Add(output);
            }
        }

        foreach (var below in folders)
        {
            if (!byPath.ContainsKey(below) && !IgnoreRules.IsRepository(below) && FileStat.Of(below, follow: false) is { IsLink: false })
            {
                Walk(below, cancellationToken);
            }
        }
    }

    // Only candidates are examined: a folder of data that is not tracked yet may contain a million files.
    private static FileSystemEnumerable<(string Name, bool IsFolder)> Items(string folder) =>
        new(
            folder,
            static (ref FileSystemEntry e) => (e.FileName.ToString(), e.IsDirectory),
            new EnumerationOptions
            {
                AttributesToSkip = 0,
                IgnoreInaccessible = true,
                RecurseSubdirectories = false,
            }
        )
        {
            ShouldIncludePredicate = static (ref FileSystemEntry e) =>
                e.IsDirectory
                || e.FileName.EndsWith(PointerFile.Extension)
                || e.FileName is LockedStages.LockName or LockedStages.StagesName,
        };
}
