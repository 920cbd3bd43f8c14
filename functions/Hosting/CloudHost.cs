using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Api.Hosting;
using Serverless.Automation.Policies.Engine;
using Serverless.Functions.Automation;
using Serverless.Functions.Durable;
using Serverless.Functions.Http;
using Serverless.Functions.Timers;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Jobs;
using Serverless.Storage;
using Serverless.Training;

namespace Serverless.Functions.Hosting;

/// <summary>Configures the platform for a Functions app from its settings.</summary>
internal static class CloudHost
{
    /// <summary>The number of tasks of a run that run in parallel. The app scales out for them.</summary>
    private const int Parallelism = 64;

    public static async Task AddServerlessAsync(this IServiceCollection services)
    {
        var store = await Store.OpenAsync(StorageOptions.FromEnvironment());
        var catalog = new ComponentCatalog().AddTraining();
        var work = Path.Combine(Path.GetTempPath(), "mlops-work");
        // Invalid settings must fail at startup, not at the first task.
        var jobs = ContainerJobOptions.From(Environment.GetEnvironmentVariable);
        var clients = new DurableClientHolder();
        var driver = new DurableDriver(clients);
        var workspaces = new Workspaces(store, TimeProvider.System, ApiOptions.FromEnvironment(WorkspacePolicy.ByAdmin))
        {
            PolicyEngines = workspace => PoliciesOf(workspace, catalog, work, driver),
            Pipelines = workspace => EngineOf(workspace, catalog, work, driver),
        };
        var hooks = CloudHooks.Of(workspaces, catalog, work, Parallelism, driver, text => Console.Error.WriteLine($"Webhook: {text}"));
        var engines = new CloudEngines(name => EngineOf(workspaces.Get(name), catalog, work, driver), driver);
        var policies = new CloudPolicies(
            name => workspaces.Get(name).Engine,
            async (name, token) =>
            {
                await workspaces.Get(name).TickRolloutsAsync(_ => { }, token);
                await hooks.WorkAsync(name, token);
            }
        );
        // The provider creates it and disposes it: the pending log of serving is written when the app stops.
        services.AddSingleton(_ => workspaces);
        services.AddSingleton(clients);
        services.AddSingleton(engines);
        services.AddSingleton<HttpSurface>();
        services.AddSingleton(policies);
        services.AddSingleton(provider => new CloudKeeper(
            async token => [.. (await workspaces.ListAsync(token)).Select(w => w.Name)],
            engines,
            policies,
            provider.GetRequiredService<ILogger<CloudKeeper>>(),
            TimeProvider.System
        ));
        services.AddHostedService<RolloutService>();
        services.AddSingleton(provider => new DurableTasks(
            TasksOf(workspaces, catalog, work, jobs, provider.GetRequiredService<ILogger<DurableTasks>>())
        ));
    }

    private static LocalEngine EngineOf(WorkspaceServices workspace, ComponentCatalog catalog, string work, IRunDriver driver) =>
        new(
            new LocalEngineOptions
            {
                Store = workspace.Store,
                Runs = workspace.Runs,
                Catalog = catalog,
                Services = workspace.Components,
                WorkRoot = work,
                User = "cloud",
                Parallelism = Parallelism,
                Driver = driver,
            }
        );

    private static DurableTasksOptions TasksOf(
        Workspaces workspaces,
        ComponentCatalog catalog,
        string work,
        ContainerJobOptions? jobs,
        ILogger logger
    ) =>
        new()
        {
            Workspaces = name => new DurableWorkspace(
                workspaces.Get(name).Store,
                workspaces.Get(name).Runs,
                workspaces.Get(name).Components
            ),
            Catalog = catalog,
            WorkRoot = work,
            Jobs = jobs,
            Observe = (run, task) => CloudLog.State(logger, run, task.Path, task.Attempt, task.State),
        };

    private static PolicyEngine PoliciesOf(WorkspaceServices workspace, ComponentCatalog catalog, string work, IRunDriver driver) =>
        new(
            workspace.PolicyOptions(catalog, work, (run, token) => driver.StartAsync(workspace.Store.Workspace, run, token)) with
            {
                Parallelism = Parallelism,
            }
        );
}
