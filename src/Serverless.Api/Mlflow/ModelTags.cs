using System.Text.Json;

namespace Serverless.Api.Mlflow;

/// <summary>The part of a model's description that MLflow stores in the run's tag: the flavors and signature.</summary>
internal static class ModelTags
{
    private static readonly string[] Kept = ["run_id", "utc_time_created", "artifact_path", "model_uuid", "flavors"];

    public static JsonElement Of(JsonElement model)
    {
        var kept = model.EnumerateObject().Where(p => Kept.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value);
        if (kept.TryGetValue("flavors", out var flavors) && flavors.ValueKind == JsonValueKind.Object)
        {
            kept["flavors"] = JsonSerializer.SerializeToElement(
                flavors
                    .EnumerateObject()
                    .ToDictionary(
                        f => f.Name,
                        f =>
                            f.Value.ValueKind == JsonValueKind.Object
                                ? JsonSerializer.SerializeToElement(
                                    f.Value.EnumerateObject().Where(p => p.Name != "config").ToDictionary(p => p.Name, p => p.Value)
                                )
                                : f.Value
                    )
            );
        }

        return JsonSerializer.SerializeToElement(kept);
    }
}
