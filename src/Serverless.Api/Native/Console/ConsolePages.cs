using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.ConsolePage;

namespace Serverless.Api.Native.Console;

/// <summary>The console itself: its static files at `/` and `/w/{workspace}/`, and where W&amp;B's links lead.</summary>
internal static class ConsolePages
{
    /// <summary>
    /// Only this site's own scripts run and only it is asked for anything. Styles in elements come from libraries that draw; frames show
    /// artifacts, which bring a stricter policy of their own.
    /// </summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
        + "connect-src 'self'; worker-src 'self'; frame-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Missing = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Serverless ML</title>
        <style>body { font: 15px/1.6 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto; padding: 0 1.5rem }
        code { font-size: 13px }</style>
        <h1>Serverless ML</h1>
        <p>The API is running. The console is not part of this build, because Node or the npm registry was missing when it was built.</p>
        <p>Install Node 20.19 or newer, and build again:</p>
        <pre><code>dotnet build src/Serverless.Local</code></pre>
        <p>MLflow's clients, the command line and the HTTP API work without it.</p>
        </html>
        """;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var prefix in (string[])["/", "/w/{workspace}/"])
        {
            endpoints.MapMethods(prefix, ["GET", "HEAD"], PageAsync);
            endpoints.MapMethods(prefix + "favicon.svg", ["GET", "HEAD"], http => SendAsync(http, "favicon.svg"));
            endpoints.MapMethods(
                prefix + "assets/{file}",
                ["GET", "HEAD"],
                http => SendAsync(http, $"assets/{http.Request.RouteValues["file"]}")
            );
            endpoints.MapGet(prefix + "{entity}/{project}/runs/{run}", http => RedirectAsync(http, 3));
        }
    }

    /// <summary>The page's files are beside it, so its address ends with a slash.</summary>
    private static Task PageAsync(HttpContext http)
    {
        var (origin, path) = (http.Request.PathBase, http.Request.Path);
        if (!path.HasValue || !path.Value!.EndsWith('/'))
        {
            http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            http.Response.Headers.Location = $"{origin}{path}/{http.Request.QueryString}";
            return Task.CompletedTask;
        }

        return SendAsync(http, "index.html");
    }

    /// <summary>W&amp;B prints `/{entity}/{project}/runs/{id}`: that run's page here.</summary>
    private static Task RedirectAsync(HttpContext http, int up)
    {
        http.Response.StatusCode = StatusCodes.Status302Found;
        http.Response.Headers.Location =
            $"{string.Concat(Enumerable.Repeat("../", up))}#/runs/{Uri.EscapeDataString((string)http.Request.RouteValues["run"]!)}";
        return Task.CompletedTask;
    }

    private static async Task SendAsync(HttpContext http, string path)
    {
        var response = http.Response;
        Harden(response);
        if (ConsoleFiles.Find(path) is not { } file)
        {
            var isPage = path == "index.html";
            response.StatusCode = isPage ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
            response.ContentType = isPage ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            await response.WriteAsync(isPage ? Missing : $"There is no file '{path}'.", http.RequestAborted);
            return;
        }

        response.Headers.ETag = file.ETag;
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.CacheControl = file.IsHashed ? "public, max-age=31536000, immutable" : "no-cache";
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Tag == file.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var encoding = Accepted(http.Request, file);
        if (encoding.Length > 0)
        {
            response.Headers.ContentEncoding = encoding;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Encodings[encoding].Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(file.Encodings[encoding], http.RequestAborted);
        }
    }

    private static void Harden(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    /// <summary>The smallest encoding that the client takes.</summary>
    private static string Accepted(HttpRequest request, ConsoleFile file)
    {
        var wanted = request.GetTypedHeaders().AcceptEncoding;
        bool Takes(string name) => wanted.Any(w => w.Value.Equals(name, StringComparison.OrdinalIgnoreCase) && w.Quality is null or > 0);
        return ((string[])["br", "gzip"]).FirstOrDefault(name => file.Encodings.ContainsKey(name) && Takes(name)) ?? "";
    }
}
