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

    internal WorkspaceServices(Store store, TimeProvider time, ApiOptions options)
    {
        Store = store;
        Time = time;
        Options = options;
        Runs = new RunStore(store, time);
        Models = new ModelRegistry(store, time);
        LoggedModels = new LoggedModelStore(store, time);
        Policies = new PolicyStore(store, time);
        Datasets = new DatasetCatalog(store, time);
        Artifacts = new ArtifactTree(store, Runs);
        Models.BySource = (version, directory, cancellationToken) => new ModelFiles(this).CopyAsync(version.DownloadUri, directory, cancellationToken);
        serving = new Lazy<ModelServer>(() => new ModelServer(new ServingOptions
        {
            Registry = Models,
            Store = store,
            Time = time,
            Download = Models.DownloadAsync,
        }));
    }

    public Store Store { get; }

    public TimeProvider Time { get; }

    public RunStore Runs { get; }

    public ModelRegistry Models { get; }

    /// <summary>Answers with the workspace's models. It is made when it is first asked for: a host that serves nothing pays nothing.</summary>
    public ModelServer Serving => serving.Value;

    public LoggedModelStore LoggedModels { get; }

    public PolicyStore Policies { get; }

    public DatasetCatalog Datasets { get; }

    internal ApiOptions Options { get; }

    internal ArtifactTree Artifacts { get; }

    /// <summary>Writes what serving still holds.</summary>
    public ValueTask DisposeAsync() => serving.IsValueCreated ? Serving.DisposeAsync() : ValueTask.CompletedTask;
}
