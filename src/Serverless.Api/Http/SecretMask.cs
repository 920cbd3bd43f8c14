using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Core.Security;

namespace Serverless.Api.Http;

/// <summary>
/// Masks values that look like secrets in a request, before any endpoint reads them, so that no endpoint can forget to. The response
/// reports what was masked.
/// </summary>
internal sealed class SecretMask
{
    /// <summary>The response header if a value in the request was masked.</summary>
    public const string Header = "X-Serverless-Warning";

    private const int LongestHeader = 1000;

    /// <summary>The fields that are stored verbatim. Filters, IDs and locations are not masked, because they would stop working.</summary>
    private static readonly HashSet<string> Fields =
    [
        "key",
        "value",
        "tag_key",
        "params",
        "tags",
        "metrics",
        "datasets",
        "model_json",
        "description",
        "comment",
        "run_name",
    ];

    private readonly List<string> found = [];

    public static void Apply(Dictionary<string, JsonElement> fields, HttpContext http)
    {
        var mask = new SecretMask();
        // A request for a single param or tag is itself the key and value.
        var name = fields.TryGetValue("key", out var key) && key.ValueKind == JsonValueKind.String ? key.GetString()! : "";
        foreach (var (field, value) in fields.ToList())
        {
            if (Fields.Contains(field) && mask.Rewrite(value, field, field == "value" ? name : "") is { } masked)
            {
                fields[field] = JsonSerializer.SerializeToElement(masked);
            }
        }

        if (mask.found.Count > 0)
        {
            http.Response.Headers[Header] = mask.Warning();
        }
    }

    /// <returns>The replacement of the value. Null to keep it.</returns>
    private JsonNode? Rewrite(JsonElement value, string path, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                var text = value.GetString()!;
                var masked =
                    path is "key" or "tag_key" || path.EndsWith(".key", StringComparison.Ordinal)
                        ? MaskedKey(text)
                        : Secrets.Masked(name, text);
                if (masked == text)
                {
                    return null;
                }

                found.Add(path is "value" && name.Length > 0 ? name : path);
                return JsonValue.Create(masked);
            case JsonValueKind.Array:
                JsonArray? items = null;
                var at = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (Rewrite(item, $"{path}[{at}]", name) is { } changed)
                    {
                        (items ??= JsonArray.Create(value)!)[at] = changed;
                    }

                    at++;
                }

                return items;
            case JsonValueKind.Object:
                JsonObject? properties = null;
                var key = value.TryGetProperty("key", out var k) && k.ValueKind == JsonValueKind.String ? k.GetString()! : "";
                foreach (var property in value.EnumerateObject())
                {
                    var isValue = property.Name == "value" && key.Length > 0;
                    if (Rewrite(property.Value, isValue ? $"{path} {key}" : $"{path}.{property.Name}", isValue ? key : "") is { } changed)
                    {
                        (properties ??= JsonObject.Create(value)!)[property.Name] = changed;
                    }
                }

                return properties;
            default:
                return null;
        }
    }

    /// <summary>A key always gets the same masked name, so that a metric stays one metric and a tag can be deleted.</summary>
    private static string MaskedKey(string key) =>
        Secrets.LooksSecret(key) ? "masked-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 4)) : key;

    private string Warning()
    {
        var text = new StringBuilder("masked values that look like secrets: ");
        foreach (var c in string.Join(", ", found.Select(f => Secrets.LooksSecret(f) ? Secrets.Mask : f)))
        {
            // A header allows only visible ASCII.
            text.Append(c is >= ' ' and <= '~' ? c : '?');
            if (text.Length == LongestHeader)
            {
                return text.Append("...").ToString();
            }
        }

        return text.ToString();
    }
}
