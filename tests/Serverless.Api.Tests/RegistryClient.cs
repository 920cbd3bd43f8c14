using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.Api.Tests;

/// <summary>Short names for the requests that the registry's tests make most.</summary>
internal static class RegistryClient
{
    public static async Task<JsonObject> CreateModelAsync(this ApiClient client, string name, params (string Key, string Value)[] tags) =>
        (await client.PostAsync("registered-models/create", new JsonObject { ["name"] = name, ["tags"] = Tags(tags) }))[
            "registered_model"
        ]!.AsObject();

    public static async Task<JsonObject> GetModelAsync(this ApiClient client, string name) =>
        (await client.GetAsync("registered-models/get", "name", name))["registered_model"]!.AsObject();

    public static async Task<JsonObject> CreateVersionAsync(
        this ApiClient client,
        string name,
        string source = "s3://bucket/model",
        params (string Key, string Value)[] tags
    ) =>
        (
            await client.PostAsync(
                "model-versions/create",
                new JsonObject
                {
                    ["name"] = name,
                    ["source"] = source,
                    ["tags"] = Tags(tags),
                }
            )
        )["model_version"]!.AsObject();

    public static async Task<JsonObject> GetVersionAsync(this ApiClient client, string name, int version) =>
        (await client.GetAsync("model-versions/get", "name", name, "version", version.ToString(CultureInfo.InvariantCulture)))[
            "model_version"
        ]!.AsObject();

    public static async Task<JsonObject> MoveAsync(this ApiClient client, string name, int version, string stage, bool archive = false) =>
        (await client.PostAsync("model-versions/transition-stage", Move(name, version, stage, archive)))["model_version"]!.AsObject();

    public static JsonObject Move(string name, int version, string stage, bool archive = false) =>
        new()
        {
            ["name"] = name,
            ["version"] = version.ToString(CultureInfo.InvariantCulture),
            ["stage"] = stage,
            ["archive_existing_versions"] = archive,
        };

    public static JsonObject Of(params (string Name, string Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)JsonValue.Create(f.Value))));

    /// <summary>All pages of a search, as `name` or `name/version`.</summary>
    public static async Task<List<string>> SearchAsync(this ApiClient client, string what, string filter, params string[] query)
    {
        var found = new List<string>();
        string? token = null;
        do
        {
            var page = await client.GetAsync(
                $"{what}/search",
                [.. query, "filter", filter, .. token is null ? [] : (string[])["page_token", token]]
            );
            found.AddRange(
                (page[what.Replace('-', '_')]?.AsArray() ?? []).Select(i =>
                    i!["version"] is { } version ? $"{i["name"]}/{version}" : (string)i["name"]!
                )
            );
            token = (string?)page["next_page_token"];
        } while (token is not null);
        return found;
    }

    private static JsonArray Tags((string Key, string Value)[] tags) =>
        [.. tags.Select(t => (JsonNode)Of(("key", t.Key), ("value", t.Value)))];
}
