using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Api.Mlflow;

/// <summary>A run in the form of MLflow's protocol.</summary>
internal static class RunJson
{
    public static void Write(Utf8JsonWriter json, Run run)
    {
        json.WriteStartObject("info");
        WriteInfo(json, run);
        json.WriteEndObject();
        json.WriteStartObject("data");
        if (run.Metrics.Count > 0)
        {
            json.WriteStartArray("metrics");
            foreach (var (key, point) in run.Metrics)
            {
                WriteMetric(json, new MetricEntry(key, point.Value, point.Timestamp, point.Step));
            }

            json.WriteEndArray();
        }

        RestJson.WriteTags(json, "params", run.Params);
        RestJson.WriteTags(json, "tags", run.Tags);
        json.WriteEndObject();
        json.WriteStartObject("inputs");
        WriteInputs(json, run.Inputs);
        if (run.ModelInputs.Count > 0)
        {
            json.WriteStartArray("model_inputs");
            foreach (var id in run.ModelInputs)
            {
                json.WriteStartObject();
                json.WriteString("model_id", id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        if (run.ModelOutputs.Count > 0)
        {
            WriteOutputs(json, run.ModelOutputs);
        }
    }

    public static void WriteInfo(Utf8JsonWriter json, Run run)
    {
        json.WriteString("run_id", run.Id);
        json.WriteString("run_uuid", run.Id);
        json.WriteString("run_name", run.Name);
        json.WriteString("experiment_id", run.ExperimentId);
        json.WriteString("user_id", run.User ?? "");
        json.WriteString("status", RunEdits.FormatStatus(run.Status));
        json.WriteNumber("start_time", run.StartMilliseconds);
        if (run.EndMilliseconds is { } end)
        {
            json.WriteNumber("end_time", end);
        }

        json.WriteString("artifact_uri", run.ArtifactUri);
        json.WriteString("lifecycle_stage", run.IsDeleted ? "deleted" : "active");
    }

    public static void WriteMetric(Utf8JsonWriter json, MetricEntry metric, string? runId = null)
    {
        json.WriteStartObject();
        json.WriteString("key", metric.Key);
        RestJson.WriteDouble(json, "value", metric.Value);
        json.WriteNumber("timestamp", metric.Timestamp);
        json.WriteNumber("step", metric.Step);
        if (runId is not null)
        {
            json.WriteString("run_id", runId);
        }

        json.WriteEndObject();
    }

    private static void WriteInputs(Utf8JsonWriter json, IReadOnlyList<DatasetInput> inputs)
    {
        if (inputs.Count == 0)
        {
            return;
        }

        json.WriteStartArray("dataset_inputs");
        foreach (var input in inputs)
        {
            json.WriteStartObject();
            if (input.Tags.Count > 0)
            {
                json.WriteStartArray("tags");
                foreach (var (key, value) in input.Tags)
                {
                    json.WriteStartObject();
                    json.WriteString("key", key);
                    json.WriteString("value", value);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteStartObject("dataset");
            json.WriteString("name", input.Name);
            json.WriteString("digest", input.Digest);
            json.WriteString("source_type", input.SourceType);
            json.WriteString("source", input.Source);
            WriteIfAny(json, "schema", input.Schema);
            WriteIfAny(json, "profile", input.Profile);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOutputs(Utf8JsonWriter json, IReadOnlyList<ModelOutput> outputs)
    {
        json.WriteStartObject("outputs");
        json.WriteStartArray("model_outputs");
        foreach (var output in outputs)
        {
            json.WriteStartObject();
            json.WriteString("model_id", output.ModelId);
            json.WriteNumber("step", output.Step);
            json.WriteEndObject();
        }

        json.WriteEndArray();
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
