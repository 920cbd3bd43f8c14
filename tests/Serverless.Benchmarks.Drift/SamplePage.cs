using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;

namespace Serverless.Benchmarks.Drift;

/// <summary>A report of fifty made-up columns of all kinds.</summary>
internal static class SamplePage
{
    private static readonly string[] Regions = ["north", "south", "east", "west", "overseas"];

    public static void Write(string file)
    {
        var report = DriftDetector.Compare(
            Frame(1, 4000, 0),
            Frame(2, 2500, 0.3),
            new DriftOptions
            {
                By = "contract",
                ReferenceName = "training data",
                CurrentName = "March <2>",
            }
        );
        File.WriteAllText(file, report.ToHtml());
        File.WriteAllText(Path.ChangeExtension(file, ".json"), report.ToJson());
        Console.WriteLine($"{new FileInfo(file).Length / 1024.0:0} KB");
    }

    private static ColumnFrame Frame(int seed, int rows, double shift)
    {
        var random = new StableRandom(seed);
        var columns = new List<Column>
        {
            Column.FromIntegers("customer_id", [.. Enumerable.Range(seed * 100_000, rows).Select(i => (long)i)]),
            Texts("contract", ["Month-to-month", "One year", "Two year"]),
            Texts("region", shift > 0 ? Regions : Regions[..4]),
            Texts("city", [.. Enumerable.Range(0, 300).Select(i => $"city <{i * i % 307}> & surroundings of it")]),
            Column.FromNumbers("income", Draws.Numbers(random, rows, r => Math.Exp(10 + Draws.Normal(r) + shift))),
            Column.FromNumbers("wild", Draws.Numbers(random, rows, r => Draws.Cauchy(r) + (shift / 2))),
            Column.FromNumbers("balance", Draws.Numbers(random, rows, r => r.NextDouble() < 0.1 + shift ? double.NaN : Draws.Normal(r))),
            Column.FromNumbers("ratio", Draws.Numbers(random, rows, r => r.NextDouble() < 0.01 ? double.PositiveInfinity : r.NextDouble())),
            Column.FromNumbers("constant", Draws.Numbers(random, rows, _ => 3)),
            Column.FromBooleans("paperless", [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < 0.6 - (shift / 4))]),
            Column.FromIntegers("calls", [.. Enumerable.Range(0, rows).Select(_ => (long)Draws.Poisson(random, 2 + shift))]),
        };
        for (var i = columns.Count; i < 50; i++)
        {
            var own = i % 7 == 0 ? shift : 0;
            columns.Add(Column.FromNumbers($"feature_{i:00}", Draws.Numbers(random, rows, r => Draws.Normal(r) + own)));
        }

        return new ColumnFrame(columns);

        Column Texts(string name, string[] values) =>
            Column.FromTexts(
                name,
                [.. Enumerable.Range(0, rows).Select(_ => values[(int)(values.Length * Math.Pow(random.NextDouble(), 1.2 + shift))])]
            );
    }
}
