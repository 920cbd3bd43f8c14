using Serverless.Api.Mlflow.Artifacts;
using Serverless.Automation.Alerts;
using Serverless.Automation.Hooks;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Pipelines.Components;
using Serverless.Serving.Invocations;
using Serverless.Serving.Logging;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Models;
using Serverless.Tracking.Roles;
using Serverless.Tracking.Runs;
using Serverless.Training.Components.Register;
using Serverless.Training.Promotion;

namespace Serverless.Api.Hosting;

/// <summary>What a workspace holds: its runs, its models, its content.</summary>
public sealed class WorkspaceServices : IAsyncDisposable
{
    private readonly Lazy<ModelServer> serving;
    private readonly RolloutRouter router = new();
    private readonly RolloutMonitor monitor;

    private readonly Lazy<PolicyEngine> engine;

    internal WorkspaceServices(Store store, TimeProvider time, ApiOptions options, Func<WorkspaceServices, PolicyEngine>? engines)
    {
        engine = new Lazy<PolicyEngine>(() =>
            engines?.Invoke(this)
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
    /// Answers with the workspace's models. It is made when it is first asked for: a host that serves nothing pays nothing.
    /// </summary>
    public ModelServer Serving => serving.Value;

    public LoggedModelStore LoggedModels { get; }

    public PolicyStore Policies { get; }

    /// <summary>How well models do on what they were asked, labels or not.</summary>
    internal LoggedEstimates Estimates => new(Store, Runs);

    /// <summary>The policies at work.</summary>
    public PolicyEngine Engine => engine.Value;

    public RolloutController Rollouts { get; }

    public RoleDirectory Roles { get; }

    public DatasetCatalog Datasets { get; }

    /// <summary>What the components of its pipelines may ask for.</summary>
    public IServiceProvider Components => new ComponentServices(this);

    internal ApiOptions Options { get; }

    internal ArtifactTree Artifacts { get; }

    /// <summary>What its policies work on; a host adds what it knows alone.</summary>
    /// <param name="catalog">The components of the host.</param>
    /// <param name="workRoot">Where files are laid down while they are read.</param>
    /// <param name="submitted">Called after a run was recorded as scheduled, perhaps more than once.</param>
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

    /// <summary>What its webhooks work on, likewise.</summary>
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

    /// <summary>Writes what was counted for rollouts, looks at those that are open, and sends alerts, until it is stopped.</summary>
    /// <param name="tell">Takes a line for the host's log.</param>
    /// <param name="stopped">Stops it.</param>
    /// <param name="idle">How often it looks with none open; null for the usual.</param>
    public async Task RunRolloutsAsync(Action<string> tell, CancellationToken stopped, TimeSpan? idle = null)
    {
        using var sender = new AlertSender(Rollouts.Outbox, Time, privateTargets: Options.AllowsPrivateAlertTargets);
        using var host = idle is { } pause
            ? new RolloutHost(Rollouts, monitor, sender, Time, tell) { Idle = pause }
            : new RolloutHost(Rollouts, monitor, sender, Time, tell);
        await host.RunAsync(stopped);
    }

    /// <summary>The same, once: for a host that is woken by a clock.</summary>
    public async Task TickRolloutsAsync(Action<string> tell, CancellationToken cancellationToken = default)
    {
        using var sender = new AlertSender(Rollouts.Outbox, Time, privateTargets: Options.AllowsPrivateAlertTargets);
        using var host = new RolloutHost(Rollouts, monitor, sender, Time, tell);
        await host.TickAsync(cancellationToken);
        await sender.SendAsync(cancellationToken);
    }

    /// <summary>Writes what serving still holds.</summary>
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
            // The store is away: the counts of the last second go with this process.
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
