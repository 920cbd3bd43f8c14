using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Native.Console;

/// <summary>`/api/2.0/serverless/…`: what the console's views show that no other protocol has, one request a view.</summary>
internal static class ConsoleApi
{
    public static JsonSerializerOptions Json { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DictionaryKeyPolicy = null,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter() },
        };

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var prefix in (string[])["/api/2.0/serverless/", "/w/{workspace}/api/2.0/serverless/"])
        {
            void On(string method, string path, Func<ConsoleCall, Task<object?>> handle) =>
                endpoints.MapMethods(
                    prefix + path,
                    [method],
                    http =>
                        RestEndpoint.GuardAsync(
                            http,
                            async () =>
                            {
                                var name = (string?)http.Request.RouteValues["workspace"] ?? Workspaces.DefaultName;
                                var workspace = await workspaces.OpenAsync(name, Caller.Of(http), http.RequestAborted);
                                if (await handle(new ConsoleCall(http, workspaces, workspace)) is { } answer)
                                {
                                    await ReplyAsync(http, answer);
                                }
                            }
                        )
                );

            HomeEndpoints.Map(On);
            RunViewEndpoints.Map(On);
            RunControlEndpoints.Map(On);
            SeriesEndpoint.Map(On);
            SettingsEndpoints.Map(On);
        }
    }

    /// <summary>The body of a request; an empty one is an object without fields.</summary>
    public static async Task<T> BodyAsync<T>(HttpContext http)
        where T : new()
    {
        var bytes = await RequestBody.ReadAsync(http, BodyLimits.Small);
        JsonBody.Check(bytes.Span, BodyLimits.Small);
        try
        {
            return bytes.IsEmpty ? new T() : JsonSerializer.Deserialize<T>(bytes.Span, Json) ?? new T();
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid($"The body is not valid JSON for this request: {e.Message}");
        }
    }

    /// <summary>Answers with the object, or with 304 if the client holds the very same.</summary>
    private static async Task ReplyAsync(HttpContext http, object answer)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), Json);
        if (
            HttpMethods.IsGet(http.Request.Method)
            && IsUnchanged(http, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"")
        )
        {
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    /// <summary>Sets the ETag. True: the client has that state, and 304 is the whole answer.</summary>
    public static bool IsUnchanged(HttpContext http, string etag)
    {
        http.Response.Headers.ETag = etag;
        http.Response.Headers.CacheControl = "no-cache";
        if (!http.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Tag == etag))
        {
            return false;
        }

        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }
}

/// <summary>A request of the console.</summary>
internal sealed record ConsoleCall(HttpContext Http, Workspaces Workspaces, WorkspaceServices Workspace)
{
    public CancellationToken Stopped => Http.RequestAborted;

    public string Route(string name) => (string)Http.Request.RouteValues[name]!;

    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;
}
