using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Writing;

namespace Serverless.Api.Mlflow;

/// <summary>
/// The metrics of a request that also belong to a logged model. The models are looked up before the run is changed and get their points
/// afterwards. Each point counts once, so a repeated request completes an interrupted one.
/// </summary>
internal sealed class ModelMetrics
{
    private readonly RestCall call;
    private readonly ILookup<string, LoggedModelMetric> byModel;

    private ModelMetrics(RestCall call, IEnumerable<(string? ModelId, LoggedModelMetric Metric)> metrics)
    {
        this.call = call;
        byModel = metrics.Where(m => !string.IsNullOrEmpty(m.ModelId)).ToLookup(m => m.ModelId!, m => m.Metric);
    }

    public static ModelMetrics Of(RestCall call, MetricEntry metric) =>
        new(call, [(call.Text("model_id"), Metric(call, metric, call.Text("dataset_name"), call.Text("dataset_digest")))]);

    public static ModelMetrics Of(RestCall call, IReadOnlyList<JsonElement> given, IReadOnlyList<MetricEntry> metrics) =>
        new(
            call,
            given
                .Zip(metrics)
                .Where(m => m.First.TryGetProperty("model_id", out _))
                .Select(m =>
                    (
                        RestJson.TextOf(m.First, "model_id"),
                        Metric(call, m.Second, RestJson.TextOf(m.First, "dataset_name"), RestJson.TextOf(m.First, "dataset_digest"))
                    )
                )
        );

    public Task CheckAsync() =>
        Task.WhenAll(byModel.Select(m => call.Workspace.LoggedModels.GetAsync(m.Key, cancellationToken: call.Aborted)));

    public Task LogAsync() => Task.WhenAll(byModel.Select(m => call.Workspace.LoggedModels.LogMetricsAsync(m.Key, [.. m])));

    private static LoggedModelMetric Metric(RestCall call, MetricEntry metric, string? dataset, string? digest) =>
        new(metric.Key, metric.Value, metric.Timestamp, metric.Step, call.TextOr("run_id"), Given(dataset), Given(digest));

    private static string? Given(string? text) => text is { Length: > 0 } ? text : null;
}
