using System.IO.Enumeration;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Ignore;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Operations;

/// <summary>A target to add: its name, its path, and its pointer.</summary>
/// <param name="Inside">The paths within a tracked folder, if only parts of it are added; otherwise empty.</param>
internal sealed record AddTarget(string Name, string Path, PointerFile Pointer, OutputEntry Entry, IReadOnlyList<string> Inside)
{
    public bool IsPart => Inside.Count > 0;
}

/// <summary>Checks targets and finds or creates their pointers.</summary>
internal sealed class AddTargets(Repository repository)
{
    public IReadOnlyList<AddTarget> Resolve(RepositoryIndex index, IReadOnlyList<string> names, AddOptions options)
    {
        var expanded = options.Glob ? [.. names.SelectMany(Expand)] : names;
        if (options.PointerPath is not null && expanded.Count != 1)
        {
            throw ServerlessException.Invalid("--file can't be used with multiple targets");
        }

        // Several parts of one folder create one new listing.
        var work = expanded
            .Distinct()
            .Select(n => Resolve(index, n, options))
            .GroupBy(t => (t.Path, t.IsPart))
            .Select(g => g.First() with { Inside = [.. g.SelectMany(t => t.Inside)] })
            .ToList();
        if (repository.GitRoot is { } root)
        {
            // Only what git does not ignore yet, with one call for all.
            var fresh = work.Where(t => !t.IsPart && index.Find(t.Path)?.Pointer == t.Pointer && t.Entry.Digest is null).ToList();
            var tracked = fresh.Count == 0 ? [] : new GitTool(root).Tracked([.. fresh.Select(t => Path.GetRelativePath(root, t.Path))]);
            if (tracked.Count > 0)
            {
                var name = fresh
                    .First(t =>
                        tracked.Any(f =>
                            f == Path.GetRelativePath(root, t.Path)
                            || f.StartsWith(Path.GetRelativePath(root, t.Path) + "/", StringComparison.Ordinal)
                        )
                    )
                    .Name;
                throw ServerlessException.Conflict(
                    $"""
                     output '{name}' is already tracked by SCM (e.g. Git).
                        You can remove it from Git, then add to DVC.
                            To stop tracking from Git:
                                git rm -r --cached '{name}'
                                git commit -m "stop tracking {name}"
                    """
                );
            }
        }

        return work;
    }

    /// <summary>Copies a file or folder from elsewhere into the repository, to be added there.</summary>
    public string CopyOf(IReadOnlyList<string> names, AddOptions options, CancellationToken cancellationToken)
    {
        if (names.Count != 1 || options.Glob || options.NoCommit)
        {
            throw ServerlessException.Invalid(
                $"{(names.Count != 1 ? "multiple targets" : options.Glob ? "--glob option" : "--no-commit option")} can't be used with "
                    + $"--out"
            );
        }

        var source = Path.GetFullPath(names[0]);
        var target = Path.GetFullPath(options.Out!);
        if (Directory.Exists(target))
        {
            target = Path.Combine(target, Path.GetFileName(Path.TrimEndingDirectorySeparator(source)));
        }

        if (Path.Exists(target) && !options.Force)
        {
            throw ServerlessException.Conflict(
                $"'{Path.GetRelativePath(Environment.CurrentDirectory, target)}' already exists.",
                "Use `--force` to overwrite it."
            );
        }

        FileTree.Copy(source, target, cancellationToken);
        return Path.GetRelativePath(Environment.CurrentDirectory, target);
    }

    private AddTarget Resolve(RepositoryIndex index, string name, AddOptions options)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        path = repository.Contains(path)
            ? path
            : Path.Combine(Path.GetDirectoryName(Repository.RealPath(Path.GetDirectoryName(path) ?? path) + "/x")!, Path.GetFileName(path));
        var around = index.Around(path);
        Check(name, path, around);
        if (around is { Pointer: not null } && around.Path != path)
        {
            return around.Entry.IsDirectory
                ? new AddTarget(name, around.Path, around.Pointer, around.Entry, [path[(around.Path.Length + 1)..].Replace('\\', '/')])
                : throw ServerlessException.Invalid($"Cannot modify '{around.Name}' which is being tracked as a file");
        }

        if (around?.Pointer is { } known)
        {
            return new AddTarget(name, path, known, around.Entry, []);
        }

        if (!Path.Exists(path))
        {
            throw ServerlessException.NotFound($"output '{name}' does not exist");
        }

        foreach (var child in index.Outputs.Where(o => o.Path.StartsWith(path + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
        {
            throw ServerlessException.Conflict(
                $"Cannot add '{name}', because it is overlapping with other DVC tracked output: '{child.Name}'.",
                $"To include '{child.Name}' in '{name}', run `mlops remove {child.Owner}` and then `mlops add {name}`."
            );
        }

        var pointerPath = options.PointerPath is { } given ? Path.GetFullPath(given) : path + PointerFile.Extension;
        if (options.PointerPath is not null && !pointerPath.EndsWith(PointerFile.Extension, StringComparison.Ordinal))
        {
            throw ServerlessException.Invalid(
                $"bad DVC file name '{options.PointerPath}'. DVC files should be named 'dvc.yaml' or have a '.dvc' suffix (e.g. "
                    + $"'{options.PointerPath}.dvc')."
            );
        }

        var entry = OutputEntry.New(Path.GetRelativePath(Path.GetDirectoryName(pointerPath)!, path).Replace('\\', '/'), null);
        var pointer = File.Exists(pointerPath)
            ? PointerFile.Load(repository, pointerPath)
            : PointerFile.New(repository, pointerPath, DataMap.Empty.With("outs", new DataList([entry.Source])));
        if (File.Exists(pointerPath) && pointer.Outputs.Count > 0)
        {
            throw ServerlessException.Conflict(
                $"'{pointer.Name}' already tracks '{pointer.Outputs[0].Path}'.",
                "Use another name with --file."
            );
        }

        pointer = PointerFile.New(repository, pointerPath, DataMap.Empty.With("outs", new DataList([entry.Source])));
        index.Add(pointer);
        return new AddTarget(name, path, pointer, entry, []);
    }

    private void Check(string name, string path, TrackedOutput? around)
    {
        if (path == repository.Root || !repository.Contains(path))
        {
            throw ServerlessException.Invalid(
                path == repository.Root ? "Cannot add the repository itself." : $"'{name}' is outside the repository '{repository.Root}'.",
                path == repository.Root
                    ? null
                    : "Add a copy with `mlops add --out PATH`, or use `mlops import-url` to record where it came from."
            );
        }

        var parts = repository.Relative(path).Split('/');
        if (parts.Contains(Repository.ControlName) || parts.Contains(".git"))
        {
            throw ServerlessException.Invalid(
                $"Cannot add files inside '{(parts.Contains(".git") ? ".git" : Repository.ControlName)}' directory"
            );
        }

        if (name.EndsWith(PointerFile.Extension, StringComparison.Ordinal) || parts[^1] is LockedStages.LockName or LockedStages.StagesName)
        {
            throw ServerlessException.Invalid($"DVC file '{name}' cannot be an output.");
        }

        if (around is { Pointer: null })
        {
            throw ServerlessException.Conflict(
                $"cannot update '{name}': overlaps with an output of stage '{around.Owner}'.",
                "Run the pipeline to update it."
            );
        }

        if (repository.Ignore.IsIgnored(path, Directory.Exists(path)))
        {
            throw ServerlessException.Invalid($"Path '{name}' is ignored by .dvcignore");
        }

        for (var folder = Path.GetDirectoryName(path)!; folder.Length > repository.Root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (FileStat.Of(folder, follow: false) is { IsLink: true })
            {
                throw ServerlessException.Invalid($"Cannot add files inside symlinked directories to DVC: '{name}'.");
            }
        }
    }

    private IEnumerable<string> Expand(string pattern)
    {
        if (!Wildcard.IsPattern(pattern))
        {
            return [pattern];
        }

        var folder = Path.GetFullPath(".");
        var parsed = IgnorePattern.Parse("/" + pattern.Replace('\\', '/'))!;
        var depth = pattern.Contains("**", StringComparison.Ordinal) ? int.MaxValue : pattern.Count(c => c is '/' or '\\') + 1;
        var names = new FileSystemEnumerable<(string Path, bool IsFolder)>(
            folder,
            (ref FileSystemEntry e) => (Path.GetRelativePath(folder, e.ToFullPath()).Replace('\\', '/'), e.IsDirectory),
            new EnumerationOptions
            {
                RecurseSubdirectories = depth > 1,
                AttributesToSkip = 0,
                MaxRecursionDepth = depth,
            }
        );
        var found = names
            .Where(n =>
                parsed.Matches(n.Path, isFolder: false)
                && n.Path.Count(c => c == '/') < depth
                && !n.Path.EndsWith(PointerFile.Extension, StringComparison.Ordinal)
                && !repository.Ignore.IsIgnored(Path.Combine(folder, n.Path), n.IsFolder)
                && !(depth == int.MaxValue && n.IsFolder)
            )
            .Select(n => n.Path)
            .Order(StringComparer.Ordinal)
            .ToList();
        return found.Count > 0 ? found : throw ServerlessException.NotFound($"Glob '{pattern}' has no matches.");
    }
}
