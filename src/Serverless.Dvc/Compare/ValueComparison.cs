using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>The differences between the metrics or parameters of two revisions, as in `dvc metrics diff` and `dvc params diff`.</summary>
public sealed class ValueComparison
{
    private readonly Project project;
    private readonly string title;
    private readonly (string Old, string New) names;
    private readonly OrderedDictionary<string, OrderedDictionary<string, ValueChange>> changes;

    private ValueComparison(Project project, string title, (string, string) names, List<RevisionValues> revisions, bool withUnchanged)
    {
        this.project = project;
        this.title = title;
        this.names = names;
        Failed = [.. revisions.Where(r => r.Wrong is not null || r.Files.Values.Any(f => f.Wrong is not null)).Select(r => r.Name)];
        changes = ValueDiff.Of(revisions.Find(r => r.Name == this.names.Old), revisions.Find(r => r.Name == this.names.New), withUnchanged);
    }

    /// <summary>Gets the revisions that could not be read completely.</summary>
    public IReadOnlyList<string> Failed { get; }

    public static ValueComparison Metrics(Project project, string old, string now, IReadOnlyList<string> targets, bool withUnchanged) =>
        new(project, "Metric", (old, now), Read(project, old, now, r => MetricsReader.Read(project, r, targets)), withUnchanged);

    /// <param name="depsOnly">Restricts to what stages depend on.</param>
    public static ValueComparison Params(
        Project project,
        string old,
        string now,
        IReadOnlyList<string> targets,
        bool withUnchanged,
        bool depsOnly
    ) => new(project, "Param", (old, now), Read(project, old, now, r => ParamsValues.Read(project, r, targets, depsOnly)), withUnchanged);

    public string Json() =>
        PythonJson.Dump(
            new DataMap([
                .. changes.Select(f =>
                    FileValues.Entry(Show(f.Key), new DataMap([.. f.Value.Select(v => FileValues.Entry(v.Key, v.Value.ToData()))]))
                ),
            ])
        );

    /// <param name="withDifference">Whether there is a column for the difference: for metrics, not for parameters.</param>
    public string Text(bool asMarkdown, bool withPath, bool withDifference, int? precision)
    {
        var table = new TextTable([.. Row("Path", title, names.Old, names.New, "Change")]);
        foreach (var (path, values) in changes)
        {
            foreach (var (name, change) in values)
            {
                table.Add([
                    .. Row(
                        Show(path),
                        name,
                        ValueText.Show(change.Old, precision),
                        ValueText.Show(change.New, precision),
                        ValueText.Show(change.Difference, precision)
                    ),
                ]);
            }
        }

        return asMarkdown ? table.Markdown() : table.Plain();

        IEnumerable<string> Row(string path, string name, string old, string now, string difference) =>
            [.. withPath ? [path] : Array.Empty<string>(), name, old, now, .. withDifference ? [difference] : Array.Empty<string>()];
    }

    // Without a commit there is nothing to compare with, and DVC shows nothing.
    private static List<RevisionValues> Read(Project project, string old, string now, Func<Revision, RevisionValues> read) =>
        project.Git is { HasCommits: false } ? [] : [.. Revisions.Of(project, new RevisionChoice { Named = [old, now] }).Select(read)];

    private string Show(string path) => StagePaths.Relative(project.Paths.Here, Path.Combine(project.Paths.Root, path));
}
