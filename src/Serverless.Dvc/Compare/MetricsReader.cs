using System.Numerics;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>Reads the metrics listed in a revision's stages and dvc.yaml files, or those that the user requests.</summary>
internal static class MetricsReader
{
    public static RevisionValues Read(Project project, Revision revision, IReadOnlyList<string> targets)
    {
        var files = new OrderedDictionary<string, FileValues>(StringComparer.Ordinal);
        if (revision.Index is not { } index)
        {
            return new RevisionValues(revision.Name, files, revision.Wrong);
        }

        var paths =
            targets.Count > 0
                ? targets.Select(t => Path.GetFullPath(Path.Combine(project.Paths.Here, t)))
                : index
                    .Stages.SelectMany(s => s.Outs)
                    .Where(o => o.Metric)
                    .Select(o => o.FullPath)
                    .Concat(index.Pipelines.SelectMany(p => p.Metrics.Select(m => Path.GetFullPath(Path.Combine(p.Folder, m)))));
        foreach (var path in paths.SelectMany(revision.Data!.Expand).Distinct(StringComparer.Ordinal))
        {
            files[StagePaths.Relative(project.Paths.Root, path)] = ReadFile(project, revision.Data, path);
        }

        return new RevisionValues(revision.Name, files, null);
    }

    internal static FileValues ReadFile(Project project, ProjectData data, string path)
    {
        try
        {
            var shown = project.Paths.Show(path);
            return new FileValues(
                Extract(ParamsFile.Parse(TextFile.Decode(data.Read(path), shown), shown)) is { } found && !IsFalse(found)
                    ? found
                    : DataMap.Empty
            );
        }
        catch (Exception e) when (e is FileNotFoundException or ServerlessException)
        {
            return new FileValues(null, e);
        }
    }

    // Numbers and texts by name. Lists and empty values are not metrics.
    private static DataNode? Extract(DataNode node) =>
        node switch
        {
            DataMap map => new DataMap([
                .. map
                    .Entries.Select(e => (e.Key, Value: Extract(e.Value)))
                    .Where(e => e.Value is not (null or DataMap { Entries.Count: 0 }))
                    .Select(e => new DataEntry(e.Key, e.Value!)),
            ]),
            { Kind: DataKind.Int or DataKind.Float or DataKind.Bool or DataKind.Text } => node,
            _ => null,
        };

    private static bool IsFalse(DataNode node) => node is DataScalar { Value: false or "" or 0.0 or BigInteger { IsZero: true } };
}
