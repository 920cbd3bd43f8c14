using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>The metrics of revisions, as in `dvc metrics show`.</summary>
public sealed class MetricsTable
{
    private readonly Project project;
    private readonly RevisionChoice choice;
    private readonly List<RevisionValues> revisions;

    private MetricsTable(Project project, RevisionChoice choice, List<RevisionValues> revisions)
    {
        this.project = project;
        this.choice = choice;
        this.revisions = revisions;
    }

    /// <summary>Gets the revisions that could not be read completely.</summary>
    public IReadOnlyList<string> Failed =>
        [.. revisions.Where(r => r.Wrong is not null || r.Files.Values.Any(f => f.Wrong is not null)).Select(r => r.Name)];

    /// <param name="targets">Metrics files relative to the current folder; none for all files of the project.</param>
    public static MetricsTable Read(Project project, RevisionChoice choice, IReadOnlyList<string> targets)
    {
        var revisions = Revisions.Of(project, choice).Select(r => MetricsReader.Read(project, r, targets)).ToList();

        // A work tree that equals its branch adds nothing.
        if (
            !choice.IsWorkTreeOnly
            && revisions is [{ Name: Revision.WorkTree } first, ..]
            && project.Git?.ActiveBranch is { } branch
            && revisions.Find(r => r.Name == branch) is { } active
            && first.IsSame(active)
        )
        {
            revisions.RemoveAt(0);
        }

        return new MetricsTable(project, choice, revisions);
    }

    public string Json() => PythonJson.Dump(new DataMap([.. revisions.Select(r => FileValues.Entry(r.Name, r.ToData(Show)))]));

    public string Text(bool asMarkdown, int precision)
    {
        var rows = revisions
            .SelectMany(r =>
                r.Files.Where(f => f.Value.Data is not null)
                    .Select(f => (Revision: r.Name, Path: Show(f.Key), Values: ValueDiff.Flat(f.Value.Data)))
            )
            .ToList();
        var names = rows.SelectMany(r => r.Values.Keys).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance).ToList();
        IReadOnlyList<string> head = choice.AllBranches || choice.AllTags || choice.AllCommits ? ["Revision", "Path"] : ["Path"];
        var table = new TextTable([.. head, .. names]);
        foreach (var (revision, path, values) in rows)
        {
            table.Add([
                .. head.Count == 2 ? [revision, path] : new[] { path },
                .. names.Select(n => ValueText.Show(values.GetValueOrDefault(n), precision)),
            ]);
        }

        return asMarkdown ? table.Markdown() : table.Plain();
    }

    private string Show(string path) => StagePaths.Relative(project.Paths.Here, Path.Combine(project.Paths.Root, path));
}
