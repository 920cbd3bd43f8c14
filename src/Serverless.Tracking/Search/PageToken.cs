using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Tracking.Search.Grammar;

namespace Serverless.Tracking.Search;

/// <summary>
/// MLflow's page token: <c>{"offset": N}</c> in base64. Ours also hold the keys of the last item, as <c>after</c>: what is deleted or added
/// between two pages then neither hides items nor shows them twice.
/// </summary>
public static class PageToken
{
    /// <summary>A place in an order: behind the item with these keys.</summary>
    public static string Create(int offset, IReadOnlyList<string?> after)
    {
        var json = new JsonObject
        {
            ["offset"] = offset,
            ["after"] = new JsonArray([.. after.Select(key => key is null ? null : (JsonNode?)JsonValue.Create(key))]),
        };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>The keys that a token holds; null if it holds none, as one of MLflow's server.</summary>
    public static IReadOnlyList<string?>? ParseAfter(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        // Whatever is wrong with the token is said here.
        ParseOffset(token);
        using var document = JsonDocument.Parse(Strict.GetString(Convert.FromBase64String(token)));
        return document.RootElement.TryGetProperty("after", out var after) && after.ValueKind == JsonValueKind.Array
            ? [.. after.EnumerateArray().Select(key => key.ValueKind == JsonValueKind.String ? key.GetString() : null)]
            : null;
    }

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Create(int offset) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"offset\": {offset}}}")));

    public static int ParseOffset(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return 0;
        }

        var bytes = new byte[token.Length];
        if (!Convert.TryFromBase64String(token, bytes, out var length))
        {
            throw ServerlessException.Invalid("Invalid page token, could not base64-decode");
        }

        return Offset(bytes.AsSpan(0, length));
    }

    private static int Offset(ReadOnlySpan<byte> decoded)
    {
        try
        {
            using var document = JsonDocument.Parse(Strict.GetString(decoded));
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("offset", out var offset)
                ? Offset(offset, root)
                : throw Unusable(root);
        }
        catch (Exception error) when (error is JsonException or DecoderFallbackException)
        {
            throw ServerlessException.Invalid($"Invalid page token, decoded value={PythonText.Bytes(decoded)}");
        }
    }

    private static int Offset(JsonElement offset, JsonElement root)
    {
        if (offset.ValueKind == JsonValueKind.String && offset.GetString() is { Length: > 0 } text)
        {
            return int.TryParse(
                text,
                NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture,
                out var value
            )
                ? value
                : throw ServerlessException.Invalid($"Invalid page token, not stringable {text}");
        }

        return offset.ValueKind == JsonValueKind.Number && offset.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Unusable(root);
    }

    private static ServerlessException Unusable(JsonElement parsed) =>
        ServerlessException.Invalid($"Invalid page token, parsed value={parsed.GetRawText().Replace('"', '\'')}");
}
