using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Api;
using Serverless.Pipelines;
using Serverless.Storage;

namespace Serverless.Functions;

/// <summary>Puts the platform together for a Functions app, from its settings.</summary>
internal static class CloudHost
{
    private const string WorkspacesSetting = "MLOPS_WORKSPACES";

    public static async Task AddServerlessAsync(this IServiceCollection services, IConfiguration settings)
    {
        var store = await Store.OpenAsync(StorageOptions.FromEnvironment()).ConfigureAwait(false);
        var workspaces = new Workspaces(store, TimeProvider.System, ApiOptions.FromEnvironment(WorkspacePolicy.ByAdmin));
        var engines = new CloudEngines(workspaces, new DurableClientHolder(), WorkspacesOf(settings));
        // Made by the provider, it is also ended by it: what serving still holds of its log is written when the app stops.
        services.AddSingleton(_ => workspaces);
        services.AddSingleton(engines);
        services.AddSingleton(engines.Clients);
        services.AddSingleton<HttpSurface>();
        services.AddSingleton<CloudKeeper>();
        services.AddHostedService<RolloutService>();
        services.AddSingleton(provider => engines.Tasks(provider.GetRequiredService<ILogger<DurableTasks>>()));
    }

    private static IReadOnlyList<string> WorkspacesOf(IConfiguration settings) =>
        settings[WorkspacesSetting] is { Length: > 0 } names ? names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [Workspaces.DefaultName];
}
