using System.Text.Json;

namespace Serverless.Api.Http;

/// <summary>JSON parts shared by several messages. Protobuf omits empty lists and unset fields.</summary>
internal static class RestJson
{
    /// <summary>Reads `[{"key": …, "value": …}]`. For duplicate keys, the last one wins.</summary>
    public static Dictionary<string, string> ReadTags(IReadOnlyList<JsonElement> list)
    {
        var tags = new Dictionary<string, string>();
        foreach (var item in list)
        {
            tags[TextOf(item, "key") ?? ""] = TextOf(item, "value") ?? "";
        }

        return tags;
    }

    public static string? TextOf(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : value.GetRawText()
            : null;

    public static void WriteTags(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> tags)
    {
        if (tags.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var (key, value) in tags)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteString("value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static IReadOnlyDictionary<string, string> With(IReadOnlyDictionary<string, string> tags, string key, string value) =>
        new Dictionary<string, string>(tags) { [key] = value };

    /// <summary>In protobuf's JSON, NaN and the infinities are strings.</summary>
    public static void WriteDouble(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteString(
                name,
                double.IsNaN(value) ? "NaN"
                    : value > 0 ? "Infinity"
                    : "-Infinity"
            );
        }
    }
}
