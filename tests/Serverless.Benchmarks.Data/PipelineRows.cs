using System.Globalization;

namespace Serverless.Benchmarks.Data;

/// <summary>Stages of a dvc.yaml: each reads what the one before wrote.</summary>
internal static class PipelineRows
{
    public static IEnumerable<Row> All =>
        [
            new("`repro` no-op, 3 stages", 1.1, 0.35, b => NoOp(b, 3)),
            new("`repro` no-op, 50 stages", 1.4, 0.5, b => NoOp(b, 50)),
            new(
                "`status`, 50 stages",
                null,
                0.5,
                b =>
                {
                    var folder = Chain(b, 50);
                    b.Run(folder, "repro", "-q");
                    return b.Best(5, () => b.Run(folder, "status"));
                }
            ),
            new("`repro`, 50 stages run for the first time", null, 10, b => b.Run(Chain(b, 50), "repro", "-q")),
        ];

    private static Measured NoOp(Bench bench, int stages)
    {
        var folder = Chain(bench, stages);
        bench.Run(folder, "repro", "-q");
        return bench.Best(5, () => bench.Run(folder, "repro"));
    }

    private static string Chain(Bench bench, int stages)
    {
        var folder = bench.Repository();
        File.WriteAllText(Path.Combine(folder, "o0"), "1");
        File.WriteAllText(Path.Combine(folder, "params.yaml"), "lr: 0.1\n");
        File.WriteAllText(
            Path.Combine(folder, "dvc.yaml"),
            "stages:\n"
                + string.Concat(
                    Enumerable
                        .Range(1, stages)
                        .Select(i =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"  s{i}:\n    cmd: cp o{i - 1} o{i}\n    deps: [o{i - 1}]\n    params: [lr]\n    outs: [o{i}]\n"
                            )
                        )
                )
        );
        return folder;
    }
}
