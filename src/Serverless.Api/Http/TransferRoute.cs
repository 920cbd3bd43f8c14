using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Core;

namespace Serverless.Api.Http;

/// <summary>An endpoint whose request or response body is a file: not JSON, and without a size limit.</summary>
internal sealed record TransferRoute(IReadOnlyList<string> Methods, string Path, Func<HttpContext, WorkspaceServices, Task> Handle)
{
    public void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        endpoints.MapMethods(Path, Methods, http => RunAsync(http, workspaces, Workspaces.DefaultName)).WithMetadata(Unlimited.Instance);
        endpoints
            .MapMethods(
                "/w/{workspace}" + Path,
                Methods,
                http => RunAsync(http, workspaces, (string)http.Request.RouteValues["workspace"]!)
            )
            .WithMetadata(Unlimited.Instance);
    }

    /// <summary>The raw target of the request.</summary>
    public static string TargetOf(HttpContext http) =>
        http.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw ? raw : http.Request.Path.Value ?? "";

    private Task RunAsync(HttpContext http, Workspaces workspaces, string workspace) =>
        RestEndpoint.GuardAsync(
            http,
            async () =>
            {
                try
                {
                    await Handle(http, await workspaces.OpenAsync(workspace, Caller.Of(http), http.RequestAborted));
                }
                catch (ConnectionResetException)
                {
                    // The client disconnected during its upload: there is no one to respond to.
                }
                catch (Exception e)
                    when (e is not ServerlessException and not BadHttpRequestException and not OperationCanceledException
                        && http.Response.HasStarted
                    )
                {
                    // The store failed in the middle of a file. Abort the connection, so that the client knows that the file is incomplete.
                    http.Abort();
                }
            }
        );

    private sealed class Unlimited : IRequestSizeLimitMetadata
    {
        public static Unlimited Instance { get; } = new();

        public long? MaxRequestBodySize => null;
    }
}
