using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Mlflow;

/// <summary>Logged models in the form of MLflow's messages.</summary>
internal static class LoggedModelJson
{
    public static Task ReplyAsync(RestCall call, LoggedModel model) =>
        call.ReplyAsync(json =>
        {
            json.WritePropertyName("model");
            Write(json, model);
        });

    public static void Write(Utf8JsonWriter json, LoggedModel model)
    {
        json.WriteStartObject();
        json.WriteStartObject("info");
        json.WriteString("model_id", model.Id);
        json.WriteString("experiment_id", model.ExperimentId);
        json.WriteString("name", model.Name);
        json.WriteNumber("creation_timestamp_ms", model.CreationTime);
        json.WriteNumber("last_updated_timestamp_ms", model.LastUpdateTime);
        json.WriteString("artifact_uri", model.ArtifactUri);
        json.WriteString("status", FormatStatus(model.Status));
        WriteIfAny(json, "model_type", model.ModelType);
        WriteIfAny(json, "source_run_id", model.SourceRunId);
        RestJson.WriteTags(json, "tags", model.Tags);
        json.WriteEndObject();
        json.WriteStartObject("data");
        RestJson.WriteTags(json, "params", model.Params);
        if (model.Metrics.Count > 0)
        {
            json.WriteStartArray("metrics");
            foreach (var metric in model.Metrics)
            {
                WriteMetric(json, metric, model.Id);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static IReadOnlyList<string> ReadInputs(RestCall call) => [.. call.List("models").Select((m, i) => Id(m, i))];

    public static IReadOnlyList<ModelOutput> ReadOutputs(RestCall call) =>
        [
            .. call.List("models")
                .Select((m, i) => new ModelOutput(Id(m, i), m.TryGetProperty("step", out var step) ? RestField.Number(step) ?? 0 : 0)),
        ];

    /// <summary>Parses a status from its name, its name in the messages, or its number there.</summary>
    public static LoggedModelStatus ParseStatus(string text) =>
        text.ToUpperInvariant() switch
        {
            "LOGGED_MODEL_PENDING" or "PENDING" or "1" => LoggedModelStatus.Pending,
            "LOGGED_MODEL_READY" or "READY" or "2" => LoggedModelStatus.Ready,
            "LOGGED_MODEL_UPLOAD_FAILED" or "FAILED" or "3" => LoggedModelStatus.Failed,
            "LOGGED_MODEL_STATUS_UNSPECIFIED" or "UNSPECIFIED" or "0" => LoggedModelStatus.Unspecified,
            _ => throw ServerlessException.Invalid($"Unknown model status: {text}"),
        };

    private static string FormatStatus(LoggedModelStatus status) =>
        status switch
        {
            LoggedModelStatus.Pending => "LOGGED_MODEL_PENDING",
            LoggedModelStatus.Ready => "LOGGED_MODEL_READY",
            LoggedModelStatus.Failed => "LOGGED_MODEL_UPLOAD_FAILED",
            _ => "LOGGED_MODEL_STATUS_UNSPECIFIED",
        };

    private static string Id(JsonElement model, int index) =>
        RestJson.TextOf(model, "model_id") is { Length: > 0 } id
            ? id
            : throw ServerlessException.Invalid(
                $"Missing value for required parameter 'models[{index}].model_id'. See the API docs for more information about request "
                    + $"parameters."
            );

    private static void WriteMetric(Utf8JsonWriter json, LoggedModelMetric metric, string modelId)
    {
        json.WriteStartObject();
        json.WriteString("key", metric.Key);
        RestJson.WriteDouble(json, "value", metric.Value);
        json.WriteNumber("timestamp", metric.Timestamp);
        json.WriteNumber("step", metric.Step);
        WriteIfAny(json, "dataset_name", metric.DatasetName);
        WriteIfAny(json, "dataset_digest", metric.DatasetDigest);
        json.WriteString("model_id", modelId);
        WriteIfAny(json, "run_id", metric.RunId);
        json.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}
