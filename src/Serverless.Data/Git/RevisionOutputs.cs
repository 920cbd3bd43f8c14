using Serverless.Core;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;

namespace Serverless.Data.Git;

/// <summary>
/// Reads the outputs that a repository recorded at a commit from its pointers and lock files, without touching the work tree.
/// </summary>
internal static class RevisionOutputs
{
    public static List<TrackedOutput> At(Repository repository, string revision)
    {
        var root =
            repository.GitRoot
            ?? throw ServerlessException.Invalid("only supported for Git repositories", "This repository was created with --no-scm.");
        var git = new GitTool(root);
        var commit = git.Resolve(revision);
        var inside = Path.GetRelativePath(root, repository.Root).Replace('\\', '/') is "."
            ? ""
            : Path.GetRelativePath(root, repository.Root).Replace('\\', '/') + "/";
        var files = git.Files(commit)
            .Where(f =>
                f.Path.StartsWith(inside, StringComparison.Ordinal)
                && IsWanted(f.Path)
                && !f.Path.Contains("/.dvc/", StringComparison.Ordinal)
            )
            .ToList();
        var texts = git.ReadMany([.. files.Select(f => f.Object)]);
        var byPath = files
            .Zip(texts)
            .ToDictionary(p => p.First.Path, p => System.Text.Encoding.UTF8.GetString(p.Second), StringComparer.Ordinal);
        var outputs = new List<TrackedOutput>();
        foreach (var (path, text) in byPath.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            var full = Path.Combine(root, path);
            if (path.EndsWith(PointerFile.Extension, StringComparison.Ordinal))
            {
                var pointer = PointerFile.Parse(repository, full, text);
                outputs.AddRange(pointer.Outputs.Select(o => new TrackedOutput(pointer.PathOf(o), o, pointer.Name, pointer)));
            }
            else if (
                Path.GetFileName(path) == LockedStages.LockName
                && byPath.TryGetValue(path[..^LockedStages.LockName.Length] + LockedStages.StagesName, out var stages)
            )
            {
                var folder = Path.GetDirectoryName(full)!;
                outputs.AddRange(LockedStages.Outputs(folder, RepositoryIndex.Prefix(folder), text, stages));
            }
        }

        return outputs;
    }

    private static bool IsWanted(string path) =>
        Path.GetFileName(path) is LockedStages.LockName or LockedStages.StagesName
        || (path.EndsWith(PointerFile.Extension, StringComparison.Ordinal) && Path.GetFileName(path).Length > PointerFile.Extension.Length);
}
