using Serverless.Core;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>Selects the revisions to read in addition to the work tree.</summary>
public sealed record RevisionChoice
{
    public IReadOnlyList<string> Named { get; init; } = [];

    public bool AllBranches { get; init; }

    public bool AllTags { get; init; }

    public bool AllCommits { get; init; }

    /// <summary>Gets a value that indicates whether only the work tree is selected, which then needs no name.</summary>
    internal bool IsWorkTreeOnly => Named.Count == 0 && !AllBranches && !AllTags && !AllCommits;
}

/// <summary>A project in its current state, or at a commit.</summary>
/// <param name="Name">`workspace`, or the requested names of the commit, separated by commas.</param>
/// <param name="Wrong">Why it could not be read; there is no index then.</param>
internal sealed record Revision(string Name, ProjectIndex? Index, ProjectData? Data, Exception? Wrong = null)
{
    public const string WorkTree = "workspace";
}

internal static class Revisions
{
    /// <summary>Returns the work tree first, then each commit once, in the order of the request.</summary>
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
                "This project is not in a Git repository, so it has no other revisions.",
                "Run `git init` and commit."
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
            // An unreadable commit does not hide the others.
            return new Revision(name, null, null, e);
        }
    }
}
