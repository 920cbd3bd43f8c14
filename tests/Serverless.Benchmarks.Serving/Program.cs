using System.Diagnostics;
using System.Globalization;
using Serverless.Benchmarks.Serving;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Training.Models;

// Measures serving of the churn model: in process, and over HTTP by `mlops up` on an Azurite of its own. With the URL of another
// scoring server's /invocations as its argument, that one is asked the same in the same run, a round each by turns.
const int Rate = 200;
const int Rounds = 5;
const int Rows = 10_000;
var time = TimeSpan.FromSeconds(8);
var churn = Path.GetFullPath(args.Length > 1 ? args[1] : "samples/churn/data/telco-churn.csv");
using var folder = new TestFolder();
File.Copy(churn, folder.At("churn.csv"));
var model = await TrainedModel.TrainAsync(folder.Root, "train/fast-tree", "churn.csv", new { label = "churn", positive_label = "Yes" });
var customers = (await ColumnReader.ReadAsync(churn)).Without("churn");

using var loaded = StoredModel.Load(model);
var batch = ChurnBody.Repeat(customers, Rows);
var inProcess = Best(20, () => loaded.Score(batch));
Console.WriteLine("| what | measured | reach |");
Console.WriteLine("|---|---|---|");
Row($"{Rows:N0} rows in one batch, in process", $"{Rows / inProcess:N0} rows/s", "≥ 150,000 rows/s");

await using var azurite = new AzuriteFixture();
await azurite.InitializeAsync();
var store = await azurite.OpenStoreAsync("default");
var registry = new ModelRegistry(store, TimeProvider.System);
var version = await registry.RegisterAsync(
    new RegisterRequest
    {
        Name = "churn",
        ModelDirectory = model,
        RequestId = Ids.NewId(),
    }
);
await registry.TransitionStageAsync(
    new TransitionRequest
    {
        Name = "churn",
        Version = version.Version,
        Stage = Stage.Production,
        By = "benchmark",
    }
);
await using var host = MlopsProcess.Start(
    folder.Root,
    new Dictionary<string, string?> { ["AzureWebJobsStorage"] = azurite.ConnectionString },
    "up",
    "--port",
    "0"
);
await Eventually.HoldsAsync(() => host.Output.Contains("http://", StringComparison.Ordinal), () => host.Error);
var own = new Uri(host.Output.Split(' ').First(w => w.StartsWith("http://", StringComparison.Ordinal)) + "/models/churn/invocations");
var other = args.Length > 0 ? new Uri(args[0]) : null;
var one = ChurnBody.Of(customers, 1);
var many = ChurnBody.Of(customers, Rows);
await OpenLoop.RunAsync(own, one, Rate, time);
var (ours, theirs) = (new List<Waits>(), new List<Waits>());
for (var round = 0; round < Rounds; round++)
{
    ours.Add(await OpenLoop.RunAsync(own, one, Rate, time));
    if (other is not null)
    {
        theirs.Add(await OpenLoop.RunAsync(other, one, Rate, time));
    }
}

Row($"one row at {Rate} requests/s, p50", Median(ours, w => w.P50), "≤ 2 ms");
Row("the same, p99", Median(ours, w => w.P99), "≤ 15 ms");
Row("requests that failed", ours.Sum(w => w.Errors).ToString(CultureInfo.InvariantCulture), "0");
Row($"{Rows:N0} rows in one request of JSON", $"{await OpenLoop.BatchAsync(own, many, Rows, 10):N0} rows/s", "");
Row("memory of the host afterwards", $"{Process.GetProcessById(host.Id).WorkingSet64 >> 20:N0} MB", "");
if (other is not null)
{
    Row($"other server: one row at {Rate} requests/s, p50", Median(theirs, w => w.P50), "");
    Row("other server: the same, p99", Median(theirs, w => w.P99), "");
    Row("other server: requests that failed", theirs.Sum(w => w.Errors).ToString(CultureInfo.InvariantCulture), "");
    Row($"other server: {Rows:N0} rows in one request of JSON", $"{await OpenLoop.BatchAsync(other, many, Rows, 3):N0} rows/s", "");
}

static double Best(int times, Action work)
{
    work();
    var best = double.MaxValue;
    for (var i = 0; i < times; i++)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    return best;
}

static void Row(string what, string measured, string reach) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {measured} | {reach} |"));

static string Median(List<Waits> rounds, Func<Waits, double> pick)
{
    var sorted = rounds.Select(pick).Order().ToList();
    return string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Count / 2]:0.00} ms ({sorted[0]:0.00} … {sorted[^1]:0.00})");
}
