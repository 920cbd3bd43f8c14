using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.Api;
using Serverless.Pipelines;
using Serverless.Storage;
using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Functions;

/// <summary>The engine of each workspace: it records runs here, and Durable Functions drive them.</summary>
public sealed class CloudEngines
{
    private readonly ConcurrentDictionary<string, LocalEngine> open = new(StringComparer.Ordinal);
    private readonly Workspaces workspaces;
    private readonly DurableDriver driver;
    private readonly ComponentCatalog catalog = new ComponentCatalog().AddTraining();
    private readonly string work = Path.Combine(Path.GetTempPath(), "mlops-work");

    internal CloudEngines(Workspaces workspaces, DurableClientHolder clients, IReadOnlyList<string> names)
    {
        this.workspaces = workspaces;
        Clients = clients;
        Names = names;
        driver = new DurableDriver(clients);
    }

    public DurableClientHolder Clients { get; }

    /// <summary>The workspaces that the tick looks after.</summary>
    public IReadOnlyList<string> Names { get; }

    internal DurableDriver Driver => driver;

    public LocalEngine Of(string workspace) => open.GetOrAdd(workspace, name => new LocalEngine(new LocalEngineOptions
    {
        Store = workspaces.Get(name).Store,
        Runs = workspaces.Get(name).Runs,
        Catalog = catalog,
        Services = new Components(workspaces.Get(name)),
        WorkRoot = work,
        User = "cloud",
        Parallelism = 64,
        Driver = driver,
    }));

    /// <summary>The workspace's policies at work; the runs that they start are the durable engine's.</summary>
    internal PolicyEngine PoliciesOf(string workspace) => workspaces.Get(workspace).Engine;

    internal PolicyEngine Policies(WorkspaceServices workspace) => new(new PolicyEngineOptions
    {
        Store = workspace.Store,
        Policies = workspace.Policies,
        Runs = workspace.Runs,
        Registry = workspace.Models,
        Rollouts = workspace.Rollouts,
        Performance = new LoggedPerformance(workspace.Store, workspace.Runs, workspace.Rollouts.Rollouts, TimeProvider.System),
        Catalog = catalog,
        WorkRoot = work,
        Parallelism = 64,
        Submitted = (run, cancellationToken) => driver.StartAsync(workspace.Store.Workspace, run, cancellationToken),
    });

    /// <summary>Looks at the workspace's rollouts once, so that they go on while nobody asks a model anything.</summary>
    internal Task TickRolloutsAsync(string workspace, Action<string> tell, CancellationToken cancellationToken) =>
        workspaces.Get(workspace).TickRolloutsAsync(tell, cancellationToken);

    internal DurableTasks Tasks(ILogger logger) => new(new DurableTasksOptions
    {
        Workspaces = name => new DurableWorkspace(workspaces.Get(name).Store, workspaces.Get(name).Runs, new Components(workspaces.Get(name))),
        Catalog = catalog,
        WorkRoot = work,
        Observe = (run, task) => CloudLog.State(logger, run, task.Path, task.Attempt, task.State),
    });

    /// <summary>What components may ask for.</summary>
    private sealed class Components(WorkspaceServices workspace) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelRegistry) || serviceType == typeof(ModelRegistry) ? workspace.Models
            : serviceType == typeof(RolloutController) ? workspace.Rollouts
            : serviceType == typeof(ContentStore) ? workspace.Store.Content
            : null;
    }
}

internal static partial class CloudLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run}: {Task}#{Attempt} is {State}")]
    public static partial void State(ILogger logger, string run, string task, int attempt, TaskState state);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Rollout(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Run} cannot go on: {Error}")]
    public static partial void Broken(ILogger logger, string run, string error);
}
