using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scalar.AspNetCore;

namespace Serverless.Api.Description;

/// <summary>`/openapi/v1.json`, and `/docs`, a page to read it and to try it out. Both come from this host alone.</summary>
internal static class OpenApiEndpoints
{
    public const string DocumentPath = "/openapi/v1.json";
    private const string PagePath = "/docs";

    /// <summary>The page reads from nowhere else, whatever its script would like to.</summary>
    private const string Policy =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        // The routes are known once all of them are mapped: the document is made when it is first asked for.
        var made = new ConcurrentDictionary<string, (byte[] Body, string ETag)>(StringComparer.Ordinal);
        endpoints
            .MapGet(
                DocumentPath,
                http =>
                    ReplyAsync(
                        http,
                        made.GetOrAdd(
                            http.Request.PathBase.ToUriComponent(),
                            root => Write(endpoints.DataSources.SelectMany(s => s.Endpoints), root)
                        )
                    )
            )
            .ExcludeFromDescription();
        endpoints
            .MapScalarApiReference(
                PagePath,
                page =>
                {
                    page.Title = "Serverless ML: API";
                    page.OpenApiRoutePattern = DocumentPath;
                    page.DefaultFonts = false;
                    page.Telemetry = false;
                }
            )
            .ExcludeFromDescription()
            .Add(builder =>
            {
                var next = builder.RequestDelegate!;
                builder.RequestDelegate = http =>
                {
                    http.Response.Headers.ContentSecurityPolicy = Policy;
                    http.Response.Headers.XContentTypeOptions = "nosniff";
                    return next(http);
                };
            });
    }

    private static (byte[] Body, string ETag) Write(IEnumerable<Endpoint> endpoints, string root)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Of(endpoints, root), Relaxed);
        return (body, $"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..16]}\"");
    }

    private static async Task ReplyAsync(HttpContext http, (byte[] Body, string ETag) document)
    {
        http.Response.Headers.ETag = document.ETag;
        http.Response.Headers.CacheControl = "no-cache";
        if (http.Request.Headers.IfNoneMatch.ToString() == document.ETag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = document.Body.Length;
        await http.Response.Body.WriteAsync(document.Body, http.RequestAborted);
    }
}
