using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Automation.Hooks;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Api.Native.Hooks;

/// <summary>`POST /hooks/github`: records a delivery and responds at once. The host processes it later.</summary>
internal static class HookEndpoints
{
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

        ReadOnlyMemory<byte> body;
        try
        {
            body = await RequestBody.ReadAsync(http, BodyLimits.Hook);
        }
        catch (ServerlessException e)
        {
            return (e.Status, e.Message);
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

            RouteValueLimits.Check(http);
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
}
