using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Serverless.Core;

namespace Serverless.Api.Http;

/// <summary>Bodies of JSON, for every protocol: what no text can hold, and what only costs, is refused before anybody looks for
/// fields.</summary>
internal static class JsonBody
{
    private const int Small = 64 << 10;

    /// <summary>Reads a body into a type; an empty one is null.</summary>
    /// <exception cref="JsonException">It is no JSON, or does not fit the type.</exception>
    public static async Task<T?> ReadAsync<T>(HttpContext http, BodyLimits limits, JsonSerializerOptions options)
        where T : class
    {
        var bytes = await RequestBody.ReadAsync(http, limits);
        Check(bytes.Span, limits);
        return bytes.Length == 0 ? null : JsonSerializer.Deserialize<T>(bytes.Span, options);
    }

    /// <summary>That it is UTF-8, holds whole characters, and not too many values. That it is JSON is for the reader to say.</summary>
    public static void Check(ReadOnlySpan<byte> bytes, BodyLimits limits)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new ServerlessException(ErrorCodes.BadRequest, "The request body is not UTF-8.", "Send JSON as UTF-8.");
        }

        var escapes = bytes.IndexOf("\\ud"u8) >= 0 || bytes.IndexOf("\\uD"u8) >= 0;
        if (bytes.Length <= Small && !escapes)
        {
            return;
        }

        var reader = new Utf8JsonReader(bytes);
        var tokens = 0;
        try
        {
            while (reader.Read())
            {
                if (++tokens > limits.Tokens)
                {
                    throw new ServerlessException(
                        ErrorCodes.BadRequest,
                        FormattableString.Invariant($"The JSON holds more than {limits.Tokens} values and keys."),
                        "Send it in several requests.",
                        StatusCodes.Status413PayloadTooLarge
                    );
                }

                if (escapes && reader is { TokenType: JsonTokenType.String or JsonTokenType.PropertyName, ValueIsEscaped: true })
                {
                    reader.GetString();
                }
            }
        }
        catch (JsonException)
        {
            // Said by who reads it, in its protocol's words.
        }
        catch (InvalidOperationException)
        {
            throw new ServerlessException(
                ErrorCodes.BadRequest,
                "The request body holds one half of a character: a surrogate such as \\ud83d without the other one."
            );
        }
    }
}
