using Serverless.Api.Mlflow;
using Serverless.Data;
using Serverless.Storage;
using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Api;

/// <summary>What a workspace holds: its runs, its models, its content.</summary>
public sealed class WorkspaceServices : IAsyncDisposable
{
    private readonly Lazy<ModelServer> serving;
    private readonly RolloutRouter router = new();
    private readonly RolloutMonitor monitor;

    private readonly Lazy<PolicyEngine> engine;

    internal WorkspaceServices(Store store, TimeProvider time, ApiOptions options, Func<WorkspaceServices, PolicyEngine>? engines)
    {
        engine = new Lazy<PolicyEngine>(() => engines?.Invoke(this) ?? throw new ServerlessException(
            ErrorCodes.Environment, "This host runs no pipelines.", "Start `mlops up`, and ask there.", 501));
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
        Models.BySource = (version, directory, cancellationToken) => new ModelFiles(this).CopyAsync(version.DownloadUri, directory, cancellationToken);
        serving = new Lazy<ModelServer>(() => Watched(new ModelServer(new ServingOptions
        {
            Registry = Models,
            Store = store,
            Time = time,
            Chooser = router,
            Download = Models.DownloadAsync,
        })));
    }

    public Store Store { get; }

    public TimeProvider Time { get; }

    public RunStore Runs { get; }

    public ModelRegistry Models { get; }

    /// <summary>Answers with the workspace's models. It is made when it is first asked for: a host that serves nothing pays nothing.</summary>
    public ModelServer Serving => serving.Value;

    public LoggedModelStore LoggedModels { get; }

    public PolicyStore Policies { get; }

    /// <summary>The policies at work.</summary>
    public PolicyEngine Engine => engine.Value;

    public RolloutController Rollouts { get; }

    public RoleDirectory Roles { get; }

    public DatasetCatalog Datasets { get; }

    internal ApiOptions Options { get; }

    internal ArtifactTree Artifacts { get; }

    /// <summary>Writes what was counted for rollouts, looks at those that are open, and sends alerts, until it is stopped.</summary>
    public async Task RunRolloutsAsync(Action<string> tell, CancellationToken stopped)
    {
        using var sender = new AlertSender(Rollouts.Outbox, Time);
        using var host = new RolloutHost(Rollouts, monitor, sender, Time, tell);
        await host.RunAsync(stopped).ConfigureAwait(false);
    }

    /// <summary>The same, once: for a host that is woken by a clock.</summary>
    public async Task TickRolloutsAsync(Action<string> tell, CancellationToken cancellationToken = default)
    {
        using var sender = new AlertSender(Rollouts.Outbox, Time);
        using var host = new RolloutHost(Rollouts, monitor, sender, Time, tell);
        await host.TickAsync(cancellationToken).ConfigureAwait(false);
        await sender.SendAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what serving still holds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (serving.IsValueCreated)
        {
            await Serving.DisposeAsync().ConfigureAwait(false);
        }

        try
        {
            await monitor.FlushAsync().ConfigureAwait(false);
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
}
