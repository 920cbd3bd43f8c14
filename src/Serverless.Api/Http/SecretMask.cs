using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Core.Security;

namespace Serverless.Api.Http;

/// <summary>
/// Masks what looks like a secret in a request, before anything else sees it: whatever endpoint takes params, tags, metrics or datasets,
/// none can forget to. The answer tells what was masked.
/// </summary>
internal sealed class SecretMask
{
    /// <summary>The header of an answer whose request held what looks like a secret.</summary>
    public const string Header = "X-Serverless-Warning";

    private const int LongestHeader = 1000;

    /// <summary>The fields that are stored as they come. Filters, ids and places are not touched: they would not work any more.</summary>
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
        // A param or a tag alone is the request itself.
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

    /// <returns>What takes the place of the value; null if it may stay.</returns>
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

    /// <summary>Always the same name for the same key, so that a metric stays one metric and a tag can be deleted.</summary>
    private static string MaskedKey(string key) =>
        Secrets.LooksSecret(key) ? "masked-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 4)) : key;

    private string Warning()
    {
        var text = new StringBuilder("masked what looks like a secret: ");
        foreach (var c in string.Join(", ", found.Select(f => Secrets.LooksSecret(f) ? Secrets.Mask : f)))
        {
            // A header holds visible ASCII.
            text.Append(c is >= ' ' and <= '~' ? c : '?');
            if (text.Length == LongestHeader)
            {
                return text.Append("...").ToString();
            }
        }

        return text.ToString();
    }
}
