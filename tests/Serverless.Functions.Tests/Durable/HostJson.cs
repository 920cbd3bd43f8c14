using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Functions.Tests.Durable;

/// <summary>
/// What the host does to the JSON of an activity's input and output: it reads it and writes it again, numbers as doubles.
/// </summary>
internal static class HostJson
{
    private const int MaxDepth = 64;

    public static string Through(string json) =>
        Written(JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth }))?.ToJsonString() ?? "null";

    private static JsonNode? Written(JsonNode? node) =>
        node switch
        {
            JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, Written(p.Value)))),
            JsonArray a => new JsonArray([.. a.Select(Written)]),
            JsonValue v when v.GetValueKind() == JsonValueKind.Number => JsonNode.Parse(Written(v.ToJsonString())),
            _ => node?.DeepClone(),
        };

    private static string Written(string number)
    {
        if (number.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            return number;
        }

        var text = double.Parse(number, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }
}
