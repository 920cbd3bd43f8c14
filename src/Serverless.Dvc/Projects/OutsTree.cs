using Serverless.Core;

namespace Serverless.Dvc.Projects;

/// <summary>Who writes which path. No two stages write the same, or one inside of the other.</summary>
internal sealed class OutsTree
{
    private readonly OrderedDictionary<string, StageOut> byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<StageOut>> below = new(StringComparer.Ordinal);

    public OutsTree(IEnumerable<RepoStage> stages)
    {
        foreach (var output in stages.SelectMany(s => s.Outs))
        {
            Add(output);
        }
    }

    public IEnumerable<StageOut> All => byPath.Values;

    /// <summary>The output that is this path, or a folder above it.</summary>
    public StageOut? Holding(string path)
    {
        for (var at = path; at is not null; at = Path.GetDirectoryName(at))
        {
            if (byPath.TryGetValue(at, out var found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The outputs that are this path, hold it, or lie in it.</summary>
    public IEnumerable<StageOut> Overlapping(string path) =>
        (Holding(path) is { } holder ? [holder] : Enumerable.Empty<StageOut>()).Concat(below.GetValueOrDefault(path) ?? []);

    private void Add(StageOut output)
    {
        if (byPath.TryGetValue(output.FullPath, out var same))
        {
            throw same.Stage == output.Stage
                ? ServerlessException.Invalid(
                    $"output '{output.Shown}' is already specified in stage: '{same.Stage.Addressing}'.",
                    "Name it once: as an out, a metric or a plot."
                )
                : ServerlessException.Invalid(
                    $"output '{output.Shown}' is specified in:\n\t- {same.Stage.Addressing}\n\t- {output.Stage.Addressing}",
                    "Take it out of one of them, or give one of them another path."
                );
        }

        var inner = below.GetValueOrDefault(output.FullPath)?[0];
        var outer = Holding(output.FullPath);
        if (inner is not null || outer is not null)
        {
            var (parent, child) = inner is not null ? (output, inner) : (outer!, output);
            throw ServerlessException.Invalid(
                $"The output paths:\n'{parent.Shown}'('{parent.Stage.Addressing}')\n'{child.Shown}'('{child.Stage.Addressing}')\n"
                    + "overlap and are thus in the same tracked directory.\n"
                    + "To keep reproducibility, outputs should be in separate tracked directories or tracked individually.",
                "Write one of them somewhere else."
            );
        }

        byPath[output.FullPath] = output;
        for (var at = Path.GetDirectoryName(output.FullPath); at is not null; at = Path.GetDirectoryName(at))
        {
            if (!below.TryGetValue(at, out var list))
            {
                below[at] = list = [];
            }

            list.Add(output);
        }
    }
}
