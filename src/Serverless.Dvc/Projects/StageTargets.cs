using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Dvc.Reading;

namespace Serverless.Dvc.Projects;

/// <summary>Resolves a target to stages: `train`, a loop's group, `train@a`, `sub/dvc.yaml:train`, `data.dvc`, a folder.</summary>
internal sealed partial class StageTargets(ProjectIndex index)
{
    /// <param name="target">The target as the user wrote it.</param>
    /// <param name="graph">The graph, for a folder; null if folders are not valid targets.</param>
    /// <param name="isGlob">Whether the stage's name is a pattern.</param>
    public IReadOnlyList<RepoStage> Collect(string target, ProjectGraph? graph = null, bool isGlob = false)
    {
        var full = Path.GetFullPath(Path.Combine(index.Paths.Here, target));
        if (graph is not null && index.Files.FolderExists(full))
        {
            return [.. ProjectGraph.PostOrder(graph.Stages, graph.UpstreamOf).Where(s => s.File != full && StagePaths.IsIn(s.File, full))];
        }

        var (path, name) = Parse(target, isGlob);
        var file = Path.GetFullPath(Path.Combine(index.Paths.Here, path ?? DvcYaml.FileName));
        if (!file.EndsWith(".yaml", StringComparison.Ordinal) && !file.EndsWith(".yml", StringComparison.Ordinal))
        {
            return index.Stages.FirstOrDefault(s => s.File == file) is { } pointer ? [pointer] : throw Missing(file, target);
        }

        if (index.Find(file) is not { } pipeline)
        {
            throw Missing(file, target);
        }

        if (name is null)
        {
            return pipeline.Stages;
        }

        if (pipeline.Groups.Contains(name) && !isGlob)
        {
            return [.. pipeline.Stages.Where(s => s.Name!.StartsWith(name + "@", StringComparison.Ordinal))];
        }

        if (isGlob)
        {
            var pattern = Pattern(name);
            return [.. pipeline.Stages.Where(s => pattern.IsMatch(s.Name!))];
        }

        return pipeline.Stages.FirstOrDefault(s => s.Name == name) is { } found
            ? [found]
            : throw ServerlessException.NotFound(
                $"Stage '{name}' not found inside '{StagePaths.Relative(index.Paths.Here, file)}' file",
                NearestName.Hint(
                    name,
                    pipeline.Stages.Select(s => s.Name!),
                    $"Stages: {string.Join(", ", pipeline.Stages.Select(s => s.Name))}."
                )
            );
    }

    /// <summary>Splits a target into a file and a name like DVC; null for a missing part.</summary>
    internal static (string? Path, string? Name) Parse(string target, bool isGlob = false)
    {
        if (isGlob)
        {
            var colon = target.LastIndexOf(':');
            return colon < 0 ? (null, target) : (target[..colon], target[(colon + 1)..]);
        }

        // A loop's key may contain anything: only what precedes it is examined.
        var at = target.IndexOf('@', StringComparison.Ordinal);
        var match = Target().Match(at < 0 ? target : target[..at]);
        var path = match.Groups["path"].Value;
        var name = match.Groups["name"].Success ? match.Groups["name"].Value : null;
        var key = at < 0 ? "" : target[at..];
        if (path.Length > 0 && Path.GetFileName(path) == "dvc.lock")
        {
            throw ServerlessException.Invalid($"Did you mean: `{target.Replace(".lock", ".yaml", StringComparison.Ordinal)}`?");
        }

        if (path.Length > 0 && string.IsNullOrEmpty(name))
        {
            return IsFileName(target) ? (target, null) : (null, target);
        }

        return (path.Length == 0 ? null : path, name + key);
    }

    internal static bool IsFileName(string path) =>
        path.EndsWith(".dvc", StringComparison.Ordinal) || Path.GetFileName(path) == DvcYaml.FileName;

    private static Regex Pattern(string glob) =>
        new(
            "^"
                + Regex
                    .Escape(glob)
                    .Replace("\\*", ".*", StringComparison.Ordinal)
                    .Replace("\\?", ".", StringComparison.Ordinal)
                    .Replace("\\[", "[", StringComparison.Ordinal)
                    .Replace("[!", "[^", StringComparison.Ordinal)
                + "$",
            RegexOptions.CultureInvariant | RegexOptions.Singleline
        );

    private ServerlessException Missing(string file, string target) =>
        ServerlessException.NotFound(
            $"'{StagePaths.Relative(index.Paths.Here, file)}' does not exist"
                + (IsFileName(target) || target == DvcYaml.FileName ? "" : $": '{target}' is neither a stage nor a data file"),
            File.Exists(file)
                ? "The file is ignored by .dvcignore or .gitignore."
                : "Specify a stage, a dvc.yaml (followed by `:stage`) or a .dvc file. `mlops dag` shows the stages."
        );

    [GeneratedRegex(@"^(?<path>.*?)(:(?<name>[^\\/:]*))?$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Target();
}
