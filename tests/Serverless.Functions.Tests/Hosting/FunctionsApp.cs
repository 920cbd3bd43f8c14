using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Serverless.Api.Hosting;
using Serverless.Functions.Durable;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Durable;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>
/// The HTTP functions behind a server that routes as the worker does: an endpoint a function, under the route and the methods of its
/// trigger, and the request carries it when the function is called.
/// </summary>
internal sealed class FunctionsApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private FunctionsApp(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First() + "/") };
    }

    public HttpClient Client { get; }

    public static async Task<FunctionsApp> StartAsync(Workspaces workspaces, DurableTaskClient world, DurableClientHolder? clients = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var functions = new HttpFunctions(new HttpSurface(app.Services, workspaces), clients ?? new DurableClientHolder());
        app.UseRouting();
#pragma warning disable ASP0014 // The worker routes so.
        app.UseEndpoints(endpoints => endpoints.DataSources.Add(new Triggers(functions, world)));
#pragma warning restore ASP0014
        await app.StartAsync();
        return new FunctionsApp(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }

    private sealed class Triggers(HttpFunctions functions, DurableTaskClient world) : EndpointDataSource
    {
        private const string RoutePrefix = "";

        public override IReadOnlyList<Endpoint> Endpoints { get; } =
        [
            .. DurableFunctions
                .All.Select(m => (Method: m, Trigger: TriggerOf(m)))
                .Where(f => f.Trigger is not null)
                .Select(f => EndpointOf(f.Method, f.Trigger!, functions, world)),
        ];

        public override IChangeToken GetChangeToken() => new CancellationChangeToken(CancellationToken.None);

        private static HttpTriggerAttribute? TriggerOf(MethodInfo method) =>
            method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null);

        private static Endpoint EndpointOf(
            MethodInfo method,
            HttpTriggerAttribute trigger,
            HttpFunctions functions,
            DurableTaskClient world
        )
        {
            var endpoint = new RouteEndpointBuilder(
                async http =>
                {
                    var arguments = method
                        .GetParameters()
                        .Select(p => p.ParameterType == typeof(HttpRequest) ? http.Request : (object)world)
                        .ToArray();
                    await (await (Task<IResult>)method.Invoke(functions, arguments)!).ExecuteAsync(http);
                },
                RoutePatternFactory.Parse($"{RoutePrefix}/{trigger.Route}"),
                0
            );
            endpoint.Metadata.Add(new HttpMethodMetadata(trigger.Methods!));
            return endpoint.Build();
        }
    }
}
