using System.Globalization;
using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints for logging to a run: metrics, params, batches, datasets, models.</summary>
internal static class LogEndpoints
{
    private const int MaxBatchBytes = 1_000_000;
    private const string See = " See the API docs for more information about request parameters.";
    private static readonly RestField RunId = RunEndpoints.RunId;

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "POST",
            "runs/log-metric",
            [
                RunId,
                new("key", RestType.Text, IsRequired: true),
                new("value", RestType.Double, IsRequired: true),
                new("timestamp", RestType.Int64, IsRequired: true),
                new("step", RestType.Int64),
                new("model_id", RestType.Text),
                new("dataset_name", RestType.Text),
                new("dataset_digest", RestType.Text),
            ],
            LogMetricAsync
        ),
        new("POST", "runs/log-parameter", [RunId, new("key", RestType.Text, IsRequired: true), new("value", RestType.Text)], LogParamAsync),
        new(
            "POST",
            "runs/log-batch",
            [RunId, new("metrics", RestType.List), new("params", RestType.List), new("tags", RestType.List)],
            LogBatchAsync
        ),
        new("POST", "runs/log-inputs", [RunId, new("datasets", RestType.List), new("models", RestType.List)], LogInputsAsync),
        new("POST", "runs/log-model", [RunId, new("model_json", RestType.Text, IsRequired: true)], LogModelAsync),
    ];

    private static async Task LogMetricAsync(RestCall call)
    {
        var metric = Metric(call.TextOr("key"), call.Double("value"), call.Int64("timestamp") ?? 0, call.Int64("step") ?? 0, "");
        var ofModel = ModelMetrics.Of(call, metric);
        await ofModel.CheckAsync();
        await RunEndpoints.ChangeAsync(call, run => run.CheckActive().WithMetrics([metric]));
        await ofModel.LogAsync();
        await call.ReplyAsync();
    }

    private static async Task LogParamAsync(RestCall call)
    {
        var key = call.TextOr("key");
        var value = MlflowLimits.CheckParam(key, call.TextOr("value"));
        await RunEndpoints.ChangeAsync(call, run => (run.CheckActive().WithParams([new(key, value)]), []));
        await call.ReplyAsync();
    }

    /// <summary>Logs a batch atomically.</summary>
    private static async Task LogBatchAsync(RestCall call)
    {
        if (call.BodyBytes > MaxBatchBytes)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Batched logging API requests must be at most {MaxBatchBytes} bytes, got a request of size {call.BodyBytes}."
                )
            );
        }

        var (metrics, parameters, tags) = (call.List("metrics"), call.List("params"), call.List("tags"));
        CheckPresent(metrics, "metrics", "key", "value", "timestamp");
        CheckPresent(parameters, "params", "key");
        CheckPresent(tags, "tags", "key");
        var points = metrics.Select((m, i) => MetricOf(m, $"metrics[{i}]")).ToList();
        var paramList = parameters.Select((p, i) => Pair(p, $"params[{i}]", MlflowLimits.CheckParam)).ToList();
        var tagList = tags.Select((t, i) => Pair(t, $"tags[{i}]", MlflowLimits.CheckRunTag)).ToList();
        MlflowLimits.CheckBatch("metrics", 1000, points.Count);
        MlflowLimits.CheckBatch("params", 100, paramList.Count);
        MlflowLimits.CheckBatch("tags", 100, tagList.Count);
        MlflowLimits.CheckBatch("metrics, params, and tags", 1000, points.Count + paramList.Count + tagList.Count);
        if (paramList.GroupBy(p => p.Key).SelectMany(g => g.Skip(1)).Select(p => $"'{p.Key}'").ToList() is { Count: > 0 } twice)
        {
            throw ServerlessException.Invalid(
                $"Duplicate parameter keys have been submitted: [{string.Join(", ", twice)}]. Please ensure the request contains only "
                    + $"one param value per param key."
            );
        }

        var ofModels = ModelMetrics.Of(call, metrics, points);
        await ofModels.CheckAsync();
        await RunEndpoints.ChangeAsync(call, run => run.CheckActive().WithParams(paramList).WithTags(tagList).WithMetrics(points));
        await ofModels.LogAsync();
        await call.ReplyAsync();
    }

    private static async Task LogInputsAsync(RestCall call)
    {
        if (!call.Has("datasets") && !call.Has("models"))
        {
            throw ServerlessException.Invalid($"Missing value for required parameter 'datasets'.{See}");
        }

        var models = LoggedModelJson.ReadInputs(call);
        var inputs = await Task.WhenAll(
            call.List("datasets")
                .Select(DatasetJson.Read)
                .ToList()
                .Select(i => DatasetTexts.StoreAsync(i, call.Workspace.Store.Content, call.Aborted))
        );
        await RunEndpoints.ChangeAsync(call, run => (run.CheckActive().WithInputs(inputs).WithModels(models, []), []));
        await call.ReplyAsync();
    }

    /// <summary>Appends the model's description to a list in a tag, where MLflow's clients look for it.</summary>
    private static async Task LogModelAsync(RestCall call)
    {
        var given = call.TextOr("model_json");
        JsonElement model;
        try
        {
            model = JsonSerializer.Deserialize<JsonElement>(given);
        }
        catch (JsonException)
        {
            throw ServerlessException.Invalid($"Malformed model info. \n {given} \n is not a valid JSON.");
        }

        string[] mandatory = ["artifact_path", "flavors", "utc_time_created", "run_id"];
        var missing = mandatory
            .Where(f => model.ValueKind != JsonValueKind.Object || !model.TryGetProperty(f, out _))
            .Select(f => $"'{f}'")
            .ToList();
        if (missing.Count > 0)
        {
            throw ServerlessException.Invalid($"Model json is missing mandatory fields: {{{string.Join(", ", missing)}}}");
        }

        const string Tag = "mlflow.log-model.history";
        await RunEndpoints.ChangeAsync(
            call,
            run =>
            {
                List<JsonElement> history = run.CheckActive().Tags.TryGetValue(Tag, out var there)
                    ? JsonSerializer.Deserialize<List<JsonElement>>(there)!
                    : [];
                history.Add(ModelTags.Of(model));
                return (run.WithTags([new(Tag, JsonSerializer.Serialize(history))]), []);
            }
        );
        await call.ReplyAsync();
    }

    private static void CheckPresent(IReadOnlyList<JsonElement> items, string list, params string[] names)
    {
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var name in names)
            {
                if (RestJson.TextOf(items[i], name) is null or "")
                {
                    throw ServerlessException.Invalid($"Missing value for required parameter '{list}[{i}].{name}'.{See}");
                }
            }
        }
    }

    private static MetricEntry MetricOf(JsonElement item, string path)
    {
        var key = RestJson.TextOf(item, "key")!;
        var timestamp = RestField.Number(item.GetProperty("timestamp")) ?? throw Not(path, "timestamp", item);
        var step =
            item.TryGetProperty("step", out var s) && s.ValueKind != JsonValueKind.Null
                ? RestField.Number(s) ?? throw Not(path, "step", item)
                : 0;
        var value = RestCall.DoubleOf(item.GetProperty("value"));
        return value is null
            ? throw ServerlessException.Invalid(
                $"Invalid value {RestValues.Compact(item.GetProperty("value"))} for parameter '{path}.value' supplied: "
                    + $"(timestamp={timestamp}). Please specify value as a valid double (64-bit floating point)"
            )
            : Metric(key, value, timestamp, step, path);
    }

    private static ServerlessException Not(string path, string name, JsonElement item) =>
        ServerlessException.Invalid(
            $"Invalid value {RestValues.Compact(item.GetProperty(name))} for parameter '{path}.{name}' supplied: It must be a valid "
                + $"long (64-bit integer)."
        );

    private static MetricEntry Metric(string key, double? value, long timestamp, long step, string path)
    {
        MlflowLimits.CheckMetric(key, path);
        if (timestamp < 0)
        {
            var at = path.Length == 0 ? "timestamp" : path + ".timestamp";
            throw ServerlessException.Invalid(
                $"Invalid value {timestamp} for parameter '{at}' supplied: metric '{key}' (value={value}). Timestamp must be a "
                    + $"nonnegative long (64-bit integer) "
            );
        }

        return new MetricEntry(key, value!.Value, timestamp, step);
    }

    private static KeyValuePair<string, string> Pair(JsonElement item, string path, Func<string, string, string, string> check)
    {
        var key = RestJson.TextOf(item, "key")!;
        return new(key, check(key, RestJson.TextOf(item, "value") ?? "", path));
    }
}
