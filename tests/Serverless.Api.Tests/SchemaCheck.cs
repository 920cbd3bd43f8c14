using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Api.Tests;

/// <summary>
/// Compares JSON with a schema of the OpenAPI document, more strictly than JSON Schema does: a property that the schema does not name is a
/// fault of the schema.
/// </summary>
public static class SchemaCheck
{
    public static IReadOnlyList<string> Of(JsonObject document, JsonNode? schema, JsonNode? value, string at = "$")
    {
        if (schema is not JsonObject { Count: > 0 } node)
        {
            return [];
        }

        if ((string?)node["$ref"] is { } reference)
        {
            return Of(document, Resolve(document, reference), value, at);
        }

        if (node["anyOf"] is JsonArray either)
        {
            var found = either.Select(e => Of(document, e, value, at)).ToList();
            return found.Any(f => f.Count == 0) ? [] : found.MinBy(f => f.Count)!;
        }

        if (node["enum"] is JsonArray values && !values.Any(v => JsonNode.DeepEquals(v, value)))
        {
            return [$"{at}: {value?.ToJsonString() ?? "null"} is none of {values.ToJsonString()}"];
        }

        IEnumerable<string> types = node["type"] switch
        {
            JsonArray several => several.Select(t => (string)t!),
            JsonValue one => [(string)one!],
            _ => [],
        };
        if (types.Any() && !types.Any(t => Fits(t, value)))
        {
            return [$"{at}: {value?.ToJsonString() ?? "null"} is no {string.Join(" or ", types)}"];
        }

        return value switch
        {
            JsonObject own when node["properties"] is JsonObject || node["additionalProperties"] is JsonObject =>
            [
                .. Missing(node, own, at),
                .. own.SelectMany(p => Property(document, node, p.Key, p.Value, at)),
            ],
            JsonArray list => [.. list.SelectMany((item, i) => Of(document, node["items"], item, $"{at}[{i}]"))],
            _ => [],
        };
    }

    public static JsonNode Resolve(JsonObject document, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode)document, (node, name) => node[name]!);

    private static IEnumerable<string> Missing(JsonObject schema, JsonObject value, string at) =>
        (schema["required"] as JsonArray ?? []).Select(r => (string)r!).Where(r => !value.ContainsKey(r)).Select(r => $"{at}: lacks {r}");

    private static IEnumerable<string> Property(JsonObject document, JsonObject schema, string name, JsonNode? value, string at) =>
        schema["properties"] is JsonObject own && own.TryGetPropertyValue(name, out var known) ? Of(document, known, value, $"{at}.{name}")
        : schema["additionalProperties"] is { } any ? Of(document, any, value, $"{at}.{name}")
        : [string.Create(CultureInfo.InvariantCulture, $"{at}: the schema does not name {name}")];

    private static bool Fits(string type, JsonNode? value) =>
        type switch
        {
            "null" => value is null,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "integer" => value?.GetValueKind() == JsonValueKind.Number && !value.ToJsonString().Contains('.', StringComparison.Ordinal),
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            _ => false,
        };
}
