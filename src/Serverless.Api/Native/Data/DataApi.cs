using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;

namespace Serverless.Api.Native.Data;

/// <summary>The data API: the workspace's objects as a remote, and datasets.</summary>
internal static class DataApi
{
    public const string Prefix = "/api/2.0/data/";

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var route in (IEnumerable<TransferRoute>)[.. ObjectEndpoints.All, .. DatasetEndpoints.All, .. VersionEndpoints.All])
        {
            (route with { Path = Prefix + route.Path }).Map(endpoints, workspaces);
        }
    }
}
