using System.Globalization;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Search;
using Serverless.Tracking.Writing;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints for metric histories.</summary>
internal static class MetricEndpoints
{
    private const int MaxRuns = 100;
    private const int MaxHistory = 25_000;
    private const int MaxPerRun = 2_500;

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "GET",
            "metrics/get-history",
            [
                RunEndpoints.RunId,
                new("metric_key", RestType.Text, IsRequired: true),
                new("max_results", RestType.Int64),
                new("page_token", RestType.Text),
            ],
            HistoryAsync
        ),
        new("GET", "metrics/get-history-bulk", [new("run_id", RestType.TextList)], BulkAsync) { Prefixes = ["/ajax-api/2.0/mlflow/"] },
        new(
            "GET",
            "metrics/get-history-bulk-interval",
            [
                new("run_ids", RestType.TextList, IsRequired: true),
                new("metric_key", RestType.Text, IsRequired: true),
                new("start_step", RestType.Int64),
                new("end_step", RestType.Int64),
                new("max_results", RestType.Int64),
            ],
            IntervalAsync
        ),
    ];

    private static async Task HistoryAsync(RestCall call)
    {
        var run = await RunEndpoints.FindAsync(call, call.TextOr("run_id"));
        var points = await call.Workspace.Runs.GetHistoryAsync(run, call.TextOr("metric_key"), call.Aborted);
        var offset = PageToken.ParseOffset(call.Text("page_token"));
        var count = (int)Math.Clamp(call.Int64("max_results") ?? int.MaxValue, 1, int.MaxValue);
        await call.ReplyAsync(json =>
        {
            if (points.Count > offset)
            {
                json.WriteStartArray("metrics");
                foreach (var point in points.Skip(offset).Take(count))
                {
                    RunJson.WriteMetric(json, point);
                }

                json.WriteEndArray();
            }

            if (offset + (long)count < points.Count)
            {
                json.WriteString("next_page_token", PageToken.Create(offset + count));
            }
        });
    }

    private static async Task BulkAsync(RestCall call)
    {
        const string Request = "GetMetricHistoryBulk request";
        var ids = call.Texts("run_id");
        if (ids.Count == 0)
        {
            throw ServerlessException.Invalid($"{Request} must specify at least one run_id.");
        }

        if (ids.Count > MaxRuns)
        {
            throw ServerlessException.Invalid($"{Request} cannot specify more than {MaxRuns} run_ids. Received {ids.Count} run_ids.");
        }

        var key = call.Text("metric_key") ?? throw ServerlessException.Invalid($"{Request} must specify a metric_key.");
        var most = (int)Math.Clamp(call.Int64("max_results") ?? MaxHistory, 0, MaxHistory);
        var histories = await HistoriesAsync(call, [.. ids.Distinct().Order(StringComparer.Ordinal)], key);
        await ReplyAsync(
            call,
            histories
                .SelectMany(h => h.Points.OrderBy(p => p.Timestamp).ThenBy(p => p.Step).ThenBy(p => p.Value).Select(p => (h.RunId, p)))
                .Take(most)
        );
    }

    /// <summary>A sample of steps over all runs, including each run's first and last step.</summary>
    private static async Task IntervalAsync(RestCall call)
    {
        var ids = call.Texts("run_ids");
        if (ids.Count > MaxRuns)
        {
            throw ServerlessException.Invalid(
                $"GetMetricHistoryBulkInterval request must specify at most {MaxRuns} run_ids. Received {ids.Count} run_ids. See the "
                    + $"API docs for more information about request parameters."
            );
        }

        var most = call.Int64("max_results") ?? MaxPerRun;
        if (most is < 1 or > MaxPerRun)
        {
            throw ServerlessException.Invalid(
                $"max_results must be between 1 and {MaxPerRun}. See the API docs for more information about request parameters."
            );
        }

        var (start, end) = (call.Int64("start_step"), call.Int64("end_step"));
        if ((start is null) != (end is null))
        {
            throw ServerlessException.Invalid("If either start step or end step are specified, both must be specified.");
        }

        if (start > end)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"end_step must be greater than start_step. Found start_step={start} and end_step={end}."
                )
            );
        }

        var histories = await HistoriesAsync(call, ids, call.TextOr("metric_key"));
        var steps = StepSample.Of([.. histories.Select(h => h.Points)], start, end, (int)most);
        await ReplyAsync(
            call,
            histories.SelectMany(h =>
                h.Points.Where(p => steps.Contains(p.Step))
                    .OrderBy(p => p.Step)
                    .ThenBy(p => p.Timestamp)
                    .ThenBy(p => p.Value)
                    .Take(MaxHistory)
                    .Select(p => (h.RunId, p))
            )
        );
    }

    private static async Task<(string RunId, IReadOnlyList<MetricEntry> Points)[]> HistoriesAsync(
        RestCall call,
        IReadOnlyList<string> ids,
        string key
    ) =>
        await Task.WhenAll(
            ids.Select(async id =>
                await call.Workspace.Runs.FindAsync(id, call.Aborted) is { } run
                    ? (id, await call.Workspace.Runs.GetHistoryAsync(run, key, call.Aborted))
                    : (id, (IReadOnlyList<MetricEntry>)[])
            )
        );

    private static Task ReplyAsync(RestCall call, IEnumerable<(string RunId, MetricEntry Point)> metrics) =>
        call.ReplyAsync(json =>
        {
            json.WriteStartArray("metrics");
            foreach (var (runId, point) in metrics)
            {
                RunJson.WriteMetric(json, point, runId);
            }

            json.WriteEndArray();
        });
}
