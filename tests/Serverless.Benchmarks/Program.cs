using System.Globalization;
using System.Text;
using Serverless.Benchmarks;
using Serverless.Local.Azurite;
using Serverless.Storage;

// Measures the engine and the host on a real Azurite of its own, and prints the table that docs/benchmarks.md keeps.
const int Rounds = 5;
var folder = Directory.CreateTempSubdirectory("mlops-bench-").FullName;
await using var azurite = await AzuriteServer.StartAsync(
    new AzuriteOptions
    {
        Folder = folder,
        UseDefaultPorts = false,
        Tell = Console.Error.WriteLine,
    }
);
if (args is ["large"])
{
    Console.WriteLine(await LargeExperimentBenchmark.RunAsync(azurite.ConnectionString, folder));
    return;
}

if (args is ["costs", var samples])
{
    Console.WriteLine(await CostBenchmark.RunAsync(azurite.ConnectionString, Path.GetFullPath(samples), folder));
    return;
}

var store = await Store.OpenAsync(new StorageOptions { ConnectionString = azurite.ConnectionString, Workspace = "bench" });
var engine = new EngineBenchmark(store, Path.Combine(folder, "work"));

// The first run pays for the compiler; nobody's second does.
await engine.ChainAsync("warm");
await engine.WideAsync("warm-wide", 500);

var chains = new List<(double P50, double P95)>();
var wides = new List<double>();
var waits = new List<double>();
var agains = new List<(double Seconds, int Hits)>();
for (var round = 0; round < Rounds; round++)
{
    chains.Add(await engine.ChainAsync($"chain{round}"));
    wides.Add(await engine.WideAsync($"wide{round}", 500));
    waits.Add(await engine.WideAsync($"wait{round}", 500, "bench/wait"));
    agains.Add(await engine.AgainAsync($"chain{round}"));
}

var hosts = new List<(double Seconds, double Megabytes)>();
for (var round = 0; round < Rounds; round++)
{
    hosts.Add(await HostBenchmark.StartAsync(azurite.ConnectionString, folder));
}

var table = new StringBuilder();
table.AppendLine("| what | measured: median (min … max) | reach | |");
table.AppendLine("|---|---|---|---|");
Row("overhead a task, chain of 100 no-op components, p50", [.. chains.Select(c => c.P50)], "ms", 20);
Row("the same, p95", [.. chains.Select(c => c.P95)], "ms", double.NaN);
Row("500 no-op tasks side by side", wides, "s", 3);
Row("500 tasks of one second each side by side (1 s is what they wait)", waits, "s", 3);
Row("second run of the chain, all cache hits", [.. agains.Select(a => a.Seconds)], "s", 1);
Row("host start to first answer on /health, Azurite already up", [.. hosts.Select(h => h.Seconds)], "s", 1.5);
Row("resident memory of the idle host", [.. hosts.Select(h => h.Megabytes)], "MB", 120);
Console.Write(table);
Console.WriteLine($"\nCache hits of the second run: {string.Join(", ", agains.Select(a => a.Hits))} of 100.");

void Row(string what, List<double> values, string unit, double reach)
{
    values.Sort();
    var median = values[values.Count / 2];
    table.AppendLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {median:0.##} {unit} ({values[0]:0.##} … {values[^1]:0.##}) | "
                + $"{(double.IsNaN(reach) ? "" : $"≤ {reach} {unit}")} | "
                + $"{(double.IsNaN(reach) ? "" : median <= reach ? "reached" : "**missed**")} |"
        )
    );
}
