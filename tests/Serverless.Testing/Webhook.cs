using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Testing;

/// <summary>What came to a webhook.</summary>
public sealed record Received(string Event, string Delivery, string? Signature, byte[] Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;
}

/// <summary>A webhook on this machine, which answers as the test says.</summary>
public sealed class Webhook : IAsyncDisposable
{
    private readonly WebApplication app;

    private Webhook(WebApplication app) => this.app = app;

    public ConcurrentQueue<Received> All { get; } = [];

    public string Address => app.Urls.First() + "/hook";

    /// <param name="answer">The status for the n-th request, from 1.</param>
    public static async Task<Webhook> StartAsync(Func<int, Task<int>>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var hook = new Webhook(app);
        var count = 0;
        app.MapPost(
            "/hook",
            async (HttpContext http) =>
            {
                using var body = new MemoryStream();
                await http.Request.Body.CopyToAsync(body);
                var number = Interlocked.Increment(ref count);
                hook.All.Enqueue(
                    new Received(
                        http.Request.Headers["X-Serverless-Event"].ToString(),
                        http.Request.Headers["X-Serverless-Delivery"].ToString(),
                        http.Request.Headers["X-Serverless-Signature"].FirstOrDefault(),
                        body.ToArray()
                    )
                );
                http.Response.StatusCode = answer is null ? 200 : await answer(number);
            }
        );
        await app.StartAsync();
        return hook;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        await app.StopAsync(now.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        await app.DisposeAsync();
    }
}
