using System.Text;
using Serverless.Core;
using Serverless.Data.Git;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;

namespace Serverless.Data.Remotes;

/// <summary>An output as a commit recorded it.</summary>
public sealed record CommittedOutput(TrackedOutput Output, string Commit);

/// <summary>Reads the outputs that commits record. A file that many commits share is read once.</summary>
public sealed class CommittedOutputs(Repository repository)
{
    private readonly Dictionary<string, IReadOnlyList<TrackedOutput>> read = new(StringComparer.Ordinal);

    public IEnumerable<CommittedOutput> List(UsedSelection selection, CancellationToken cancellationToken = default)
    {
        var root =
            repository.GitRoot
            ?? throw ServerlessException.Invalid(
                "The repository is not under git, so it has no branches, tags or commits.",
                "Omit -a, -T and -A."
            );
        var git = new GitTool(root);
        var commits = new List<string>();
        if (selection.AllCommits)
        {
            commits.AddRange(git.Commits());
        }

        if (selection.AllBranches)
        {
            commits.AddRange(git.References("refs/heads"));
        }

        if (selection.AllTags)
        {
            commits.AddRange(git.References("refs/tags"));
        }

        var below =
            Path.GetRelativePath(root, repository.Root).Replace(Path.DirectorySeparatorChar, '/') is var relative && relative == "."
                ? ""
                : relative + "/";
        foreach (var commit in commits.Distinct())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var output in Of(git, commit, below))
            {
                yield return new CommittedOutput(output, commit);
            }
        }
    }

    private IEnumerable<TrackedOutput> Of(GitTool git, string commit, string below)
    {
        var files = git.Files(commit)
            .Where(f => f.Path.StartsWith(below, StringComparison.Ordinal) && IsOurs(f.Path))
            .ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (var (path, file) in files)
        {
            var full = Path.Combine(git.Folder, path);
            var stages = path[..^Path.GetFileName(path).Length] + LockedStages.StagesName;
            if (path.EndsWith(PointerFile.Extension, StringComparison.Ordinal))
            {
                foreach (var output in Once(file.Object, () => Pointer(git, file, full)))
                {
                    yield return output;
                }
            }
            else if (Path.GetFileName(path) == LockedStages.LockName && files.TryGetValue(stages, out var written))
            {
                foreach (
                    var output in Once(
                        file.Object + written.Object,
                        () => [.. LockedStages.Outputs(Path.GetDirectoryName(full)!, "", Text(git, file), Text(git, written))]
                    )
                )
                {
                    yield return output;
                }
            }
        }
    }

    private IReadOnlyList<TrackedOutput> Once(string key, Func<IReadOnlyList<TrackedOutput>> parse)
    {
        if (!read.TryGetValue(key, out var outputs))
        {
            try
            {
                outputs = parse();
            }
            catch (ServerlessException)
            {
                // An old commit may contain invalid files; DVC skips them too.
                outputs = [];
            }

            read[key] = outputs;
        }

        return outputs;
    }

    private IReadOnlyList<TrackedOutput> Pointer(GitTool git, GitEntry file, string path)
    {
        var pointer = PointerFile.Parse(repository, path, Text(git, file));
        return [.. pointer.Outputs.Select(o => new TrackedOutput(pointer.PathOf(o), o, pointer.Name, pointer))];
    }

    private static string Text(GitTool git, GitEntry file) => Encoding.UTF8.GetString(git.Read(file.Object));

    private static bool IsOurs(string path) =>
        path.EndsWith(PointerFile.Extension, StringComparison.Ordinal)
        || Path.GetFileName(path) is LockedStages.LockName or LockedStages.StagesName;
}
