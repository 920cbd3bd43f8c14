using Serverless.Core;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>Which revisions are looked at besides the work tree.</summary>
public sealed record RevisionChoice
{
    public IReadOnlyList<string> Named { get; init; } = [];

    public bool AllBranches { get; init; }

    public bool AllTags { get; init; }

    public bool AllCommits { get; init; }

    /// <summary>True: nothing but the work tree, and it needs no name.</summary>
    internal bool IsWorkTreeOnly => Named.Count == 0 && !AllBranches && !AllTags && !AllCommits;
}

/// <summary>A project as it is, or as a commit has it.</summary>
/// <param name="Name">`workspace`, or the names of the commit that were asked for, with commas.</param>
/// <param name="Wrong">Why it could not be read; then there is no index.</param>
internal sealed record Revision(string Name, ProjectIndex? Index, ProjectData? Data, Exception? Wrong = null)
{
    public const string WorkTree = "workspace";
}

internal static class Revisions
{
    /// <summary>The work tree first, then the commits in the order in which they were named, each once.</summary>
    public static IEnumerable<Revision> Of(Project project, RevisionChoice choice)
    {
        yield return Read(choice.IsWorkTreeOnly ? "" : Revision.WorkTree, () => project.WorkTree);
        if (choice.IsWorkTreeOnly)
        {
            yield break;
        }

        var git =
            project.Git
            ?? throw ServerlessException.Invalid(
                "This project is in no Git repository: it has no other revisions.",
                "Run `git init`, and commit."
            );
        var named = choice.Named.Where(n => n != Revision.WorkTree).ToList();
        if (choice.AllCommits)
        {
            named.AddRange(git.Commits);
        }
        else
        {
            named.AddRange(choice.AllBranches ? git.Branches : []);
            named.AddRange(choice.AllTags ? git.Tags : []);
        }

        foreach (var commit in named.Distinct(StringComparer.Ordinal).GroupBy(git.Resolve, StringComparer.Ordinal))
        {
            if (project.IsIn(commit.Key))
            {
                yield return Read(string.Join(',', commit), () => project.At(commit.Key));
            }
        }
    }

    private static Revision Read(string name, Func<(ProjectIndex Index, ProjectData Data)> load)
    {
        try
        {
            var (index, data) = load();
            return new Revision(name, index, data);
        }
        catch (ServerlessException e) when (name is not ("" or Revision.WorkTree))
        {
            // One commit that cannot be read does not hide the others.
            return new Revision(name, null, null, e);
        }
    }
}
