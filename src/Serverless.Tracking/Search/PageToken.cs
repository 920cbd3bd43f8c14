using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Core;
using Serverless.Tracking.Search.Grammar;

namespace Serverless.Tracking.Search;

/// <summary>MLflow's page token: <c>{"offset": N}</c> in base64, byte for byte.</summary>
public static class PageToken
{
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
