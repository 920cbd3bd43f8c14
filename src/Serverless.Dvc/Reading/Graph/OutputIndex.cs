using Serverless.Dvc.Reading.Stages;

namespace Serverless.Dvc.Reading.Graph;

/// <summary>Maps outputs to stages. Reports outputs that are equal or inside one another.</summary>
internal sealed class OutputIndex
{
    private readonly Dictionary<string, (DvcStage Stage, DvcOut Out)> byPath = new(StringComparer.Ordinal);

    // For each folder above an output: the outputs in it, in the order of the file.
    private readonly Dictionary<string, List<(DvcStage Stage, DvcOut Out)>> below = new(StringComparer.Ordinal);

    public OutputIndex(IEnumerable<DvcStage> stages, Findings findings)
    {
        foreach (var stage in stages)
        {
            foreach (var output in stage.Outs)
            {
                if (Fits(stage, output, findings))
                {
                    Add(stage, output);
                }
            }
        }
    }

    /// <summary>Returns the output that is this path or a folder above it.</summary>
    public (DvcStage Stage, DvcOut Out)? Holding(string path)
    {
        foreach (var folder in PipelinePath.Parents(path).Prepend(path))
        {
            if (byPath.TryGetValue(folder, out var found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Returns the outputs inside this folder.</summary>
    public IReadOnlyList<(DvcStage Stage, DvcOut Out)> Inside(string folder) =>
        folder.Split('/').All(p => p == "..")
            ? [.. byPath.Values.Where(o => PipelinePath.IsInside(o.Out.Path, folder))]
            : below.GetValueOrDefault(folder) ?? [];

    public IEnumerable<string> Paths => byPath.Keys;

    /// <summary>Returns true for the exact path of an output.</summary>
    public bool Contains(string path) => byPath.ContainsKey(path);

    private void Add(DvcStage stage, DvcOut output)
    {
        byPath[output.Path] = (stage, output);
        var ups = output.Path.Split('/').TakeWhile(p => p == "..").Count();
        foreach (var folder in PipelinePath.Parents(output.Path).Concat(ups == 0 ? ["."] : []))
        {
            if (!below.TryGetValue(folder, out var list))
            {
                below[folder] = list = [];
            }

            list.Add((stage, output));
        }
    }

    private bool Fits(DvcStage stage, DvcOut output, Findings findings)
    {
        if (output.Path == "." || output.Path.Split('/').All(p => p == ".."))
        {
            findings.Add(
                Errors.StageInOutput,
                $"stage: '{stage.Name}' is within an output '{output.Path}' of another stage",
                output.Line,
                "Use a file or folder inside the pipeline's folder."
            );
            return false;
        }

        if (byPath.TryGetValue(output.Path, out var same))
        {
            findings.Add(
                Errors.DuplicateOutput,
                same.Stage == stage
                    ? $"output '{output.Path}' is already specified in stage: '{stage.Name}'."
                    : $"output '{output.Path}' is specified in:\n\t- {same.Stage.Name}\n\t- {stage.Name}",
                output.Line,
                same.Stage == stage
                    ? "List it only once: as an out, a metric or a plot."
                    : $"Use another path for one of them{InLoop(stage, same.Stage)}."
            );
            return false;
        }

        // DVC names the outer one first.
        var outer =
            Inside(output.Path) is [var inner, ..] ? ((stage, output), inner)
            : Holding(output.Path) is { } holder ? (holder, (stage, output))
            : default(((DvcStage Stage, DvcOut Out), (DvcStage Stage, DvcOut Out))?);
        if (outer is not var (parent, child))
        {
            return true;
        }

        findings.Add(
            Errors.Overlap,
            $"The output paths:\n'{parent.Out.Path}'('{parent.Stage.Name}')\n'{child.Out.Path}'('{child.Stage.Name}')\n"
                + "overlap and are thus in the same tracked directory.\nTo keep reproducibility, outputs should be in separate tracked "
                + "directories or tracked individually.",
            output.Line,
            "Use another path for one of them."
        );
        return false;
    }

    private static string InLoop(DvcStage a, DvcStage b) => a.Group == b.Group ? ", for example with ${item} or ${key} in it" : "";
}
