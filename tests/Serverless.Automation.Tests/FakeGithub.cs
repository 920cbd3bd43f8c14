using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Automation.Tests;

/// <summary>
/// GitHub's three endpoints on this machine: a commit's files, statuses, comments. It keeps what it was told; hosts may tell it at the same
/// time.
/// </summary>
internal sealed class FakeGithub : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeGithub(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First() + "/");

    /// <summary>The files of every commit.</summary>
    public Dictionary<string, string> Files { get; } = [];

    public List<(string State, string Context, string Description)> Statuses { get; } = [];

    public List<string> Comments { get; } = [];

    /// <summary>So many of the next requests are answered 502.</summary>
    public int Broken { get; set; }

    public int Downloads { get; private set; }

    public string? Authorization { get; private set; }

    public static async Task<FakeGithub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var github = new FakeGithub(app);
        app.Use(
            async (http, next) =>
            {
                github.Authorization = http.Request.Headers.Authorization;
                if (github.Broken > 0)
                {
                    github.Broken--;
                    http.Response.StatusCode = 502;
                    return;
                }

                await next(http);
            }
        );
        app.MapGet(
            "/repos/acme/churn/tarball/{sha}",
            async (HttpContext http) =>
            {
                lock (github)
                {
                    github.Downloads++;
                }

                http.Response.ContentType = "application/gzip";
                await http.Response.Body.WriteAsync(await github.TarAsync());
            }
        );
        app.MapPost(
            "/repos/acme/churn/statuses/{sha}",
            async (HttpContext http) =>
            {
                var said = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body);
                lock (github)
                {
                    github.Statuses.Add(
                        (
                            said.GetProperty("state").GetString()!,
                            said.GetProperty("context").GetString()!,
                            said.GetProperty("description").GetString()!
                        )
                    );
                }

                http.Response.StatusCode = 201;
            }
        );
        app.MapGet(
            "/repos/acme/churn/commits/{sha}/comments",
            () =>
                Results.Json(
                    github.Comments.Select(c => new Dictionary<string, string> { ["body"] = c }).ToList(),
                    JsonSerializerOptions.Web
                )
        );
        app.MapPost(
            "/repos/acme/churn/commits/{sha}/comments",
            async (HttpContext http) =>
            {
                var body = (await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body)).GetProperty("body").GetString()!;
                lock (github)
                {
                    github.Comments.Add(body);
                }

                http.Response.StatusCode = 201;
            }
        );
        await app.StartAsync();
        return github;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<byte[]> TarAsync()
    {
        using var bytes = new MemoryStream();
        await using (var zipped = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(zipped))
        {
            foreach (var (path, text) in Files)
            {
                await tar.WriteEntryAsync(
                    new PaxTarEntry(TarEntryType.RegularFile, "acme-churn-0123456/" + path)
                    {
                        DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                    }
                );
            }
        }

        return bytes.ToArray();
    }
}
