using System.Text.Json;
using Serverless.Tracking;

namespace Serverless.Api.Mlflow;

/// <summary>A dataset that a run used, read from a request.</summary>
internal static class DatasetJson
{
    public static DatasetInput Read(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object || !input.TryGetProperty("dataset", out var dataset) || dataset.ValueKind != JsonValueKind.Object)
        {
            throw ServerlessException.Invalid("Dataset cannot be None");
        }

        var tags = input.TryGetProperty("tags", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(t => new KeyValuePair<string, string>(MlflowJson.TextOf(t, "key") ?? "", MlflowJson.TextOf(t, "value") ?? "")).ToList()
            : [];
        foreach (var (key, value) in tags)
        {
            Check("InputTag key", key, 255);
            Check("InputTag value", value, 500);
        }

        return new DatasetInput
        {
            Name = Check("Dataset name", MlflowJson.TextOf(dataset, "name") ?? throw Missing("name"), 500),
            Digest = Check("Dataset digest", MlflowJson.TextOf(dataset, "digest") ?? throw Missing("digest"), 36),
            SourceType = MlflowJson.TextOf(dataset, "source_type") ?? "",
            Source = Check("Dataset source", MlflowJson.TextOf(dataset, "source") ?? "", 65_535),
            Schema = MlflowJson.TextOf(dataset, "schema") is { } schema ? Check("Dataset schema", schema, 1_048_575) : null,
            Profile = MlflowJson.TextOf(dataset, "profile") is { } profile ? Check("Dataset profile", profile, 16_777_215) : null,
            Tags = tags,
        };
    }

    private static ServerlessException Missing(string field) => ServerlessException.Invalid($"Dataset {field} cannot be None");

    private static string Check(string what, string value, int limit) => value.Length <= limit
        ? value
        : throw ServerlessException.Invalid($"{what} exceeds the maximum length of {limit}");
}
