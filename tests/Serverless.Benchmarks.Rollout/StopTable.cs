using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Monitoring.Sequential;

namespace Serverless.Benchmarks.Rollout;

/// <summary>Measures how often a test stops a harmless canary at any of a hundred looks, and how soon it stops a harmful one.</summary>
internal static class StopTable
{
    public static void Write(string file, int canaries)
    {
        var text = new StringBuilder(Head(canaries));
        Errors(text, canaries);
        Latency(text, canaries);
        File.WriteAllText(file, text.ToString());
        Console.WriteLine(text);
    }

    private static void Errors(StringBuilder text, int canaries)
    {
        text.AppendLine("## Error rate").AppendLine();
        text.AppendLine(
            "| canary | harm | z: false | plug-in: false | **ours: false** | z: found | plug-in: found | **ours: found** | plug-in: "
                + "requests | **ours: requests** | remark |"
        );
        text.AppendLine("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|");
        var seed = 1;
        foreach (
            var (rate, share, harmful) in new[]
            {
                (0.001, 0.05, 0.02),
                (0.001, 0.05, 0.005),
                (0.001, 0.25, 0.005),
                (0.01, 0.05, 0.05),
                (0.01, 0.05, 0.02),
                (0.01, 0.25, 0.02),
                (0.05, 0.05, 0.1),
                (0.05, 0.25, 0.07),
                (0.3, 0.25, 0.35),
            }
        )
        {
            Row(
                text,
                ErrorSetting.Steady(rate, share, rate),
                ErrorSetting.Steady(rate, share, harmful),
                $"{100 * harmful:0.##} % errors",
                canaries,
                seed++
            );
        }

        // More errors for both alike while the challenger's share grows: pooled rates compare the night with the morning.
        double[] shares = [.. Enumerable.Repeat(0.05, 33), .. Enumerable.Repeat(0.25, 33), .. Enumerable.Repeat(0.5, 34)];
        static double Rising(int look) => 0.005 + (0.001 * look);
        var drifting = new ErrorSetting("0.5 % to 10 % errors of both, 5, 25, 50 % of the traffic", shares, Rising, Rising);
        Row(text, drifting, drifting with { Challenger = look => 1.5 * Rising(look) }, "half as many more", canaries, seed);
        text.AppendLine();
    }

    private static void Row(StringBuilder text, ErrorSetting harmless, ErrorSetting harmful, string harm, int canaries, int seed)
    {
        var still = Canaries.OfErrors(harmless, canaries, seed, ErrorTests.Naive, ErrorTests.PlugIn, ErrorTests.Ours);
        var found = Canaries.OfErrors(harmful, canaries, seed + 100, ErrorTests.Naive, ErrorTests.PlugIn, ErrorTests.Ours);
        var limit = 0.05 + (3 * Math.Sqrt(0.05 * 0.95 / canaries));
        var remarks = new List<string>();
        if (still[2].Stopped > limit)
        {
            remarks.Add("**ours stops too many**");
        }

        if (still[1].Stopped <= limit && (found[1].Stopped > found[2].Stopped + 0.02 || found[1].Median < found[2].Median))
        {
            remarks.Add("plug-in is sooner");
        }

        if (still[1].Stopped > limit)
        {
            remarks.Add("plug-in stops too many");
        }

        text.AppendLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {harmless.Name} | {harm} | {P(still[0].Stopped)} | {P(still[1].Stopped)} | **{P(still[2].Stopped)}** | "
                    + $"{P(found[0].Stopped)} | {P(found[1].Stopped)} | **{P(found[2].Stopped)}** | {N(found[1].Median)} | "
                    + $"**{N(found[2].Median)}** | {string.Join(", ", remarks)} |"
            )
        );
    }

    private static void Latency(StringBuilder text, int canaries)
    {
        text.AppendLine("## Latency: its logarithm, margin 0").AppendLine();
        text.AppendLine("| latency | traffic | harm | z: false | **ours: false** | z: found | **ours: found** | **ours: requests** |");
        text.AppendLine("|---|--:|---|--:|--:|--:|--:|--:|");
        var seed = 50;
        foreach (
            var (name, draw) in new (string, Func<StableRandom, double>)[]
            {
                ("lognormal, σ = 0.8", random => 0.8 * Normal(random)),
                ("Pareto, α = 1.5 (its mean hardly exists)", random => -Math.Log(1 - random.NextDouble()) / 1.5),
                (
                    "5 ms, one in 20 a thousand times that",
                    random => (0.2 * Normal(random)) + (random.NextDouble() < 0.05 ? Math.Log(1000) : 0)
                ),
            }
        )
        {
            foreach (var (share, times) in new[] { (0.05, 1.5), (0.25, 1.25) })
            {
                Func<NormalStratum, double>[] tests = [Naive, s => NormalMixture.TestWorse([s], 0, Math.Log(1.5)).PValue];
                var still = Canaries.OfValues(draw, 0, share, canaries, seed++, tests);
                var found = Canaries.OfValues(draw, Math.Log(times), share, canaries, seed++, tests);
                text.AppendLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {name} | {100 * share:0} % | {times:0.##} times slower | {P(still[0].Stopped)} | **{P(still[1].Stopped)}** "
                            + $"| {P(found[0].Stopped)} | **{P(found[1].Stopped)}** | **{N(found[1].Median)}** |"
                    )
                );
            }
        }
    }

    private static double Naive(NormalStratum s)
    {
        var variance = (s.Challenger.Variance / s.Challenger.Count) + (s.Champion.Variance / s.Champion.Count);
        return variance > 0 ? ErrorTests.Above((s.Challenger.Mean - s.Champion.Mean) / Math.Sqrt(variance)) : 1;
    }

    private static double Normal(StableRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string P(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string N(double requests) => double.IsNaN(requests) ? "-" : requests.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Head(int canaries) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            # False stops and detection of the rollout's tests

            Generated by `dotnet run -c Release --project tests/Serverless.Benchmarks.Rollout -- docs/rollout-false-stops.md {canaries}`:
            {canaries:#,0} canaries per cell, each looked at {ErrorSetting.Looks} times, every {ErrorSetting.Requests} requests, at alpha
            5 % for one test alone (a rollout divides alpha among its tests).

            | column | meaning |
            |---|---|
            | *false* | percent of harmless canaries that are stopped at any look (a true 5 % has a standard error of {100
                * Math.Sqrt(0.05 * 0.95 / canaries):0.0}) |
            | *found* | percent of harmful canaries that are stopped |
            | *requests* | requests of both arms together until half of the harmful canaries are stopped |
            | *z* | the one-sided z-test for a single look |
            | *plug-in* | the mixture SPRT with a normal variance taken from the observed rates, over pooled counts |
            | *ours* | exact and stratified by step |
            | *remark* | where ours is not the best |


            """
        );
}
