using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Serverless.Api;
using Serverless.Api.Hosting;

namespace Serverless.Functions.Http;

/// <summary>Mounts the API's endpoints, as in the local host, behind the worker's request.</summary>
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
        // The worker has already routed the request to its function, and a request with an endpoint is not routed again.
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
