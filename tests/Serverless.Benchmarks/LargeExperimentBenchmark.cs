using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Benchmarks;

/// <summary>
/// One experiment of 100,000 runs: the first search of a host that knows nothing, those after it, and what it holds then.
/// </summary>
internal static class LargeExperimentBenchmark
{
    private const int Runs = 100_000;
    private const int AtOnce = 256;
    private const int Searches = 21;

    public static async Task<string> RunAsync(string connectionString, string folder)
    {
        const string workspace = "large";
        var store = await Store.OpenAsync(new StorageOptions { ConnectionString = connectionString, Workspace = workspace });
        var runs = new RunStore(store, TimeProvider.System);
        var experiment = await runs.Experiments.GetOrCreateAsync("large");
        var started = Stopwatch.GetTimestamp();
        var random = new StableRandom(1);
        var fill = Enumerable.Range(0, Runs).Select(i => RunOf(experiment.Id, i, random)).ToArray();
        await Parallel.ForEachAsync(
            fill,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (run, cancellation) => await runs.CreateAsync(run, cancellation)
        );
        var filled = Stopwatch.GetElapsedTime(started).TotalSeconds;

        return await HostBenchmark.OnHostAsync(
            connectionString,
            folder,
            async (url, process) =>
            {
                using var http = new HttpClient { BaseAddress = new Uri($"{url}/w/{workspace}/"), Timeout = TimeSpan.FromMinutes(10) };
                var cold = await SearchAsync(http, experiment.Id);
                var warm = new List<double>();
                for (var i = 0; i < Searches; i++)
                {
                    warm.Add(await SearchAsync(http, experiment.Id));
                }

                warm.Sort();
                process.Refresh();
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    | what | measured | reach |
                    |---|---|---|
                    | search 100,000 runs, metric filter and order, page 100, warm | {warm[Searches / 2] * 1000:0} ms ({warm[0]
                        * 1000:0} … {warm[^1] * 1000:0}) | ≤ 300 ms |
                    | the first search of a host that has just started | {cold:0.0} s | ≤ 10 s |
                    | resident memory of the host then | {process.WorkingSet64 / 1048576.0:0} MB | ≤ 500 MB |

                    The runs were stored in {filled:0} s ({Runs / filled:0}/s).
                    """
                );
            }
        );
    }

    private static Run RunOf(string experiment, int i, StableRandom random)
    {
        var at = 1_700_000_000_000 + (i * 1000L);
        return new Run
        {
            Id = Ids.NewId(),
            ExperimentId = experiment,
            Name = $"run-{i}",
            Status = RunStatus.Finished,
            User = "bench",
            StartMilliseconds = at,
            EndMilliseconds = at + 900,
            Params = Enumerable.Range(0, 5).ToDictionary(p => $"p{p}", p => ((i * 7) + p).ToString(CultureInfo.InvariantCulture)),
            Metrics = Enumerable.Range(0, 5).ToDictionary(m => $"m{m}", m => new MetricPoint(random.NextDouble(), m, at)),
            Tags = new Dictionary<string, string>
            {
                ["mlflow.runName"] = $"run-{i}",
                ["mlflow.user"] = "bench",
                ["mlflow.source.name"] = "train.py",
                ["mlflow.source.type"] = "LOCAL",
                ["mlflow.source.git.commit"] = "0123456789abcdef0123456789abcdef01234567",
            },
        };
    }

    private static async Task<double> SearchAsync(HttpClient http, string experiment)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await http.PostAsJsonAsync(
            "api/2.0/mlflow/runs/search",
            new
            {
                experiment_ids = new[] { experiment },
                filter = "metrics.m0 > 0.5 and params.p1 != '3'",
                order_by = new[] { "metrics.m1 DESC" },
                max_results = 100,
            }
        );
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode && text.Contains("next_page_token", StringComparison.Ordinal)
            ? Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException(text[..Math.Min(500, text.Length)]);
    }
}
