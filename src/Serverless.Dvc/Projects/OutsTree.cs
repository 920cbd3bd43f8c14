using Serverless.Core;

namespace Serverless.Dvc.Projects;

/// <summary>Maps paths to the stages that write them. No two stages write the same path, or one inside the other's.</summary>
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

    /// <summary>Returns the output that is this path, or a folder above it.</summary>
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

    /// <summary>Returns the outputs that are, contain or are inside this path.</summary>
    public IEnumerable<StageOut> Overlapping(string path) =>
        (Holding(path) is { } holder ? [holder] : Enumerable.Empty<StageOut>()).Concat(below.GetValueOrDefault(path) ?? []);

    private void Add(StageOut output)
    {
        if (byPath.TryGetValue(output.FullPath, out var same))
        {
            throw same.Stage == output.Stage
                ? ServerlessException.Invalid(
                    $"output '{output.Shown}' is already specified in stage: '{same.Stage.Addressing}'.",
                    "List it only once: as an out, a metric or a plot."
                )
                : ServerlessException.Invalid(
                    $"output '{output.Shown}' is specified in:\n\t- {same.Stage.Addressing}\n\t- {output.Stage.Addressing}",
                    "Remove it from one of them, or use another path in one of them."
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
                "Use another path for one of them."
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
