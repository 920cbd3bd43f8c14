using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Automation.Hooks;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Api.Native.Hooks;

/// <summary>`POST /hooks/github`: records a delivery and responds at once. The host processes it later.</summary>
internal static class HookEndpoints
{
    /// <summary>GitHub sends at most 25 MB.</summary>
    private const int MostBytes = 25 << 20;

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var prefix in (string[])["", "/w/{workspace}"])
        {
            endpoints.MapPost(prefix + "/hooks/github", http => TakeAsync(http, workspaces));
        }
    }

    private static async Task TakeAsync(HttpContext http, Workspaces workspaces)
    {
        var (status, text) = await TryTakeAsync(http, workspaces);
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(new { message = text }, http.RequestAborted);
    }

    private static async Task<(int Status, string Text)> TryTakeAsync(HttpContext http, Workspaces workspaces)
    {
        if (workspaces.Options.Github.WebhookSecret is not { } secret)
        {
            return (503, $"This host has no webhook secret. Set {GithubOptions.SecretSetting} to the webhook's secret in GitHub.");
        }

        if (await BodyAsync(http) is not { } body)
        {
            return (413, "The delivery is larger than 25 MB.");
        }

        if (!GithubSignature.IsValid(secret, body.Span, http.Request.Headers["X-Hub-Signature-256"]))
        {
            return (401, "X-Hub-Signature-256 does not match the body: the secrets differ, or the body was changed in transit.");
        }

        var (kind, id) = (http.Request.Headers["X-GitHub-Event"].ToString(), http.Request.Headers["X-GitHub-Delivery"].ToString());
        if (kind == "ping")
        {
            return (200, "The webhook works.");
        }

        if (kind != "push")
        {
            return (202, $"Ignored: '{kind}' events start nothing, only pushes start pipelines.");
        }

        if (id.Length is 0 or > 200)
        {
            return (400, "X-GitHub-Delivery is missing.");
        }

        try
        {
            if (GithubPush.Read(body) is not { } push)
            {
                return (202, "Ignored: the push has no commit on a branch.");
            }

            var name = http.Request.RouteValues["workspace"] as string ?? Workspaces.DefaultName;
            var workspace = await workspaces.OpenAsync(name, new Actor("github"), http.RequestAborted);
            var isNew = await new HookStore(workspace.Store, workspace.Time).ReceiveAsync(id, push, http.RequestAborted);
            workspaces.HookReceived(workspace);
            return (202, isNew ? "Accepted." : "This delivery was already accepted.");
        }
        catch (ServerlessException e)
        {
            return (e.Status, e.Fix is null ? e.Message : $"{e.Message} {e.Fix}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes;
        }

        try
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            return body.Length <= MostBytes ? body.ToArray() : null;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == 413)
        {
            return null;
        }
    }
}
