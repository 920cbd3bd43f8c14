using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Native.Data;

/// <summary>The JSON form of the data API's requests and responses: `snake_case`, nulls omitted.</summary>
internal static class DataJson
{
    private const int MostResults = 5000;

    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public static async Task<T> ReadAsync<T>(HttpContext http, BodyLimits? limits = null)
        where T : class
    {
        try
        {
            return await JsonBody.ReadAsync<T>(http, limits ?? BodyLimits.Json, Options)
                ?? throw ServerlessException.Invalid("The request has no body.", "Send a JSON object.");
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid($"The request body is invalid: {e.Message}", "See docs/data-api.md for the requests.");
        }
    }

    public static Task ReplyAsync<T>(HttpContext http, T answer, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, answer, Options, http.RequestAborted);
    }

    public static string Route(HttpContext http, string name) =>
        http.Request.RouteValues[name] is string { Length: > 0 } value
            ? value
            : throw ServerlessException.Invalid($"The address names no {name}.", "docs/data-api.md shows each address.");

    public static string? Query(HttpContext http, string name) => http.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public static string Required(HttpContext http, string name) =>
        Query(http, name) ?? throw ServerlessException.Invalid($"Missing value for required parameter '{name}'.");

    public static int? Number(HttpContext http, string name) =>
        Query(http, name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw ServerlessException.Invalid($"Invalid value '{text}' for parameter '{name}'.", "Give a whole number.");

    public static bool Flag(HttpContext http, string name) => Query(http, name) is "true" or "1";

    /// <summary>The maximum number of results per page.</summary>
    public static int MaxResults(HttpContext http) =>
        Number(http, "max_results") switch
        {
            null => 1000,
            < 1 => throw ServerlessException.Invalid(
                "Invalid value for parameter 'max_results'.",
                $"Give a number from 1 to {MostResults}."
            ),
            var number => Math.Min(number.Value, MostResults),
        };
}
