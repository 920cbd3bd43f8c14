using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Tracking.Models;

namespace Serverless.Api.Http;

/// <summary>
/// The caller, for the registry's history and guards. A host with authentication has set the request's user. Other hosts, such as a
/// single machine, use the name in the client's credentials. The credentials themselves are not stored.
/// </summary>
internal static class Caller
{
    private const int Longest = 256;

    /// <param name="tags">The tags of the request: `mlflow.user` names the creator and grants no permissions.</param>
    public static Actor Of(HttpContext http, IReadOnlyDictionary<string, string>? tags = null)
    {
        var name = http.User.Identity is { IsAuthenticated: true } user
            ? user.Name ?? http.User.FindFirst("sub")?.Value
            : Claimed(http.Request.Headers.Authorization.ToString()) ?? tags?.GetValueOrDefault("mlflow.user");
        name = name?.Trim();
        return string.IsNullOrEmpty(name) ? Actor.Anonymous : new Actor(name.Length <= Longest ? name : name[..Longest]);
    }

    private static string? Claimed(string authorization)
    {
        var space = authorization.IndexOf(' ', StringComparison.Ordinal);
        var credentials = authorization[(space + 1)..].Trim();
        return authorization[..Math.Max(space, 0)].ToUpperInvariant() switch
        {
            "BASIC" => Decode(credentials) is { } pair ? pair.Split(':')[0] : null,
            "BEARER" => Subject(credentials),
            _ => null,
        };
    }

    /// <summary>The subject of a JSON Web Token. Null for any other token.</summary>
    private static string? Subject(string token)
    {
        var parts = token.Split('.');
        try
        {
            return
                parts.Length == 3
                && Decode(parts[1]) is { } text
                && JsonSerializer.Deserialize<JsonElement>(text) is { ValueKind: JsonValueKind.Object } claims
                ? RestJson.TextOf(claims, "sub")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Decode(string base64)
    {
        var text = base64.Replace('-', '+').Replace('_', '/');
        text = text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
