using Serverless.Api.Artifacts;
using Serverless.Automation.Alerts;
using Serverless.Automation.Hooks;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Serving.Invocations;
using Serverless.Serving.Logging;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Models;
using Serverless.Tracking.Roles;
using Serverless.Tracking.Runs;
using Serverless.Training.Promotion;

namespace Serverless.Api.Hosting;

/// <summary>The services of a workspace: its runs, models and content.</summary>
public sealed class WorkspaceServices : IAsyncDisposable
{
    private readonly Lazy<ModelServer> serving;
    private readonly RolloutRouter router = new();
    private readonly RolloutMonitor monitor;

    private readonly Lazy<PolicyEngine> engine;
    private readonly Lazy<LocalEngine> pipelines;

    internal WorkspaceServices(
        Store store,
        TimeProvider time,
        ApiOptions options,
        Func<WorkspaceServices, PolicyEngine>? engines,
        Func<WorkspaceServices, LocalEngine>? pipelines = null
    )
    {
        engine = new Lazy<PolicyEngine>(() =>
            engines?.Invoke(this)
            ?? throw new ServerlessException(
                ErrorCodes.Environment,
                "This host does not run pipelines.",
                "Send the request to a host started with `mlops up`.",
                501
            )
        );
        this.pipelines = new Lazy<LocalEngine>(() =>
            pipelines?.Invoke(this)
            ?? throw new ServerlessException(
                ErrorCodes.Environment,
                "This host runs no pipelines.",
                "Start `mlops up`, and ask there.",
                501
            )
        );
        Store = store;
        Time = time;
        Options = options;
        Runs = new RunStore(store, time);
        Models = new ModelRegistry(store, time);
        LoggedModels = new LoggedModelStore(store, time);
        Policies = new PolicyStore(store, time);
        Datasets = new DatasetCatalog(store, time);
        Artifacts = new ArtifactTree(store, Runs);
        Rollouts = new RolloutController(Models, store, time) { Losses = new LoggedLosses(new PredictionLog(store)) };
        Roles = new RoleDirectory(store);
        monitor = new RolloutMonitor(Rollouts, router, time);
        Models.BySource = (version, directory, cancellationToken) =>
            new ModelFiles(this).CopyAsync(version.DownloadUri, directory, cancellationToken);
        serving = new Lazy<ModelServer>(() =>
            Watched(
                new ModelServer(
                    new ServingOptions
                    {
                        Registry = Models,
                        Store = store,
                        Time = time,
                        Chooser = router,
                        LogsPredictions = options.LogsPredictions,
                        Download = Models.DownloadAsync,
                    }
                )
            )
        );
    }

    public Store Store { get; }

    public TimeProvider Time { get; }

    public RunStore Runs { get; }

    public ModelRegistry Models { get; }

    /// <summary>
    /// Serves the workspace's models. Created on first use, so that a host that serves nothing has no cost.
    /// </summary>
    public ModelServer Serving => serving.Value;

    public LoggedModelStore LoggedModels { get; }

    public PolicyStore Policies { get; }

    /// <summary>Estimates the performance of models, with or without labels.</summary>
    internal LoggedEstimates Estimates => new(Store, Runs);

    /// <summary>The policy engine.</summary>
    public PolicyEngine Engine => engine.Value;

    /// <summary>What drives its pipelines' runs, or tells who does.</summary>
    public LocalEngine Pipelines => pipelines.Value;

    public RolloutController Rollouts { get; }

    public RoleDirectory Roles { get; }

    public DatasetCatalog Datasets { get; }

    /// <summary>The services available to pipeline components.</summary>
    public IServiceProvider Components => new ComponentServices(this);

    internal ApiOptions Options { get; }

    internal ArtifactTree Artifacts { get; }

    /// <summary>The dependencies of its policies. A host adds its own.</summary>
    /// <param name="catalog">The components of the host.</param>
    /// <param name="workRoot">The folder for temporary files.</param>
    /// <param name="submitted">Called after a run was recorded as scheduled, possibly more than once.</param>
    public PolicyEngineOptions PolicyOptions(ComponentCatalog catalog, string workRoot, Func<Run, CancellationToken, Task> submitted) =>
        new()
        {
            Store = Store,
            Policies = Policies,
            Runs = Runs,
            Registry = Models,
            Rollouts = Rollouts,
            Retention = Options.Retention,
            Performance = new LoggedPerformance(Store, Runs, Rollouts.Rollouts, Time),
            Catalog = catalog,
            WorkRoot = workRoot,
            Time = Time,
            Submitted = submitted,
        };

    /// <summary>The dependencies of its webhooks.</summary>
    public HookEngineOptions HookOptions(
        ComponentCatalog catalog,
        GithubClient github,
        string workRoot,
        Func<Run, CancellationToken, Task> submitted,
        Action<string> tell
    ) =>
        new()
        {
            Store = Store,
            Runs = Runs,
            Registry = Models,
            Catalog = catalog,
            Github = github,
            WorkRoot = workRoot,
            Time = Time,
            Submitted = submitted,
            Tell = tell,
        };

    /// <summary>Writes rollout counts, evaluates open rollouts, and sends alerts, until stopped.</summary>
    /// <param name="tell">Writes a line to the host's log.</param>
    /// <param name="stopped">Stops the loop.</param>
    /// <param name="idle">How often to poll while no rollout is open. Null for the default.</param>
    public async Task RunRolloutsAsync(Action<string> tell, CancellationToken stopped, TimeSpan? idle = null)
    {
        using var sender = new AlertSender(Rollouts.Outbox, Time);
        using var host = idle is { } pause
            ? new RolloutHost(Rollouts, monitor, sender, Time, tell) { Idle = pause }
            : new RolloutHost(Rollouts, monitor, sender, Time, tell);
        await host.RunAsync(stopped);
    }

    /// <summary>Does the same once, for a host that a timer wakes.</summary>
    public async Task TickRolloutsAsync(Action<string> tell, CancellationToken cancellationToken = default)
    {
        using var sender = new AlertSender(Rollouts.Outbox, Time);
        using var host = new RolloutHost(Rollouts, monitor, sender, Time, tell);
        await host.TickAsync(cancellationToken);
        await sender.SendAsync(cancellationToken);
    }

    /// <summary>Flushes the pending predictions of serving.</summary>
    public async ValueTask DisposeAsync()
    {
        if (serving.IsValueCreated)
        {
            await Serving.DisposeAsync();
        }

        try
        {
            await monitor.FlushAsync();
        }
        catch (ServerlessException)
        {
            // The store is unavailable: the counts of the last second are lost with this process.
        }
    }

    private ModelServer Watched(ModelServer server)
    {
        server.AddObserver(monitor);
        return server;
    }

    private sealed class ComponentServices(WorkspaceServices workspace) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelRegistry) || serviceType == typeof(ModelRegistry) ? workspace.Models
            : serviceType == typeof(IRolloutStarter) ? workspace.Rollouts
            : serviceType == typeof(ContentStore) ? workspace.Store.Content
            : null;
    }
}
