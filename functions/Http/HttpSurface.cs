using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Serverless.Api;
using Serverless.Api.Hosting;

namespace Serverless.Functions.Http;

/// <summary>The API's endpoints, as the local host mounts them, behind the worker's own request.</summary>
public sealed class HttpSurface
{
    private readonly Lazy<RequestDelegate> pipeline;

    public HttpSurface(IServiceProvider services, Workspaces workspaces) =>
        pipeline = new Lazy<RequestDelegate>(() =>
        {
            var app = new ApplicationBuilder(services);
            app.UseRouting();
            app.UseEndpoints(endpoints => endpoints.MapServerless(workspaces));
            return app.Build();
        });

    public async Task RunAsync(HttpContext http)
    {
        // The worker has routed the request to its function: a request that has an endpoint is not routed again.
        var (endpoint, route) = (http.GetEndpoint(), http.Request.RouteValues);
        http.SetEndpoint(null);
        http.Request.RouteValues = [];
        try
        {
            await pipeline.Value(http);
        }
        finally
        {
            http.SetEndpoint(endpoint);
            http.Request.RouteValues = route;
        }
    }
}
