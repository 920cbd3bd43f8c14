using System.Collections.Concurrent;
using Serverless.Api.Mlflow;
using Serverless.Storage;
using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Api;

/// <summary>What a workspace holds: its runs, its models, its content.</summary>
public sealed class WorkspaceServices : IAsyncDisposable
{
    private readonly Lazy<ModelServer> serving;

    internal WorkspaceServices(Store store, TimeProvider time)
    {
        Store = store;
        Time = time;
        Runs = new RunStore(store, time);
        Models = new ModelRegistry(store, time);
        Policies = new PolicyStore(store, time);
        Artifacts = new ArtifactTree(store, Runs);
        serving = new Lazy<ModelServer>(() => new ModelServer(new ServingOptions
        {
            Registry = Models,
            Store = store,
            Time = time,
            Download = (version, directory, cancellationToken) => version.Digest.Length > 0
                ? Models.DownloadAsync(version, directory, cancellationToken)
                : new ModelFiles(this).CopyAsync(version.DownloadUri, directory, cancellationToken),
        }));
    }

    public Store Store { get; }

    public TimeProvider Time { get; }

    public RunStore Runs { get; }

    public ModelRegistry Models { get; }

    /// <summary>Answers with the workspace's models. It is made when it is first asked for: a host that serves nothing pays nothing.</summary>
    public ModelServer Serving => serving.Value;

    public PolicyStore Policies { get; }

    internal ArtifactTree Artifacts { get; }

    /// <summary>Writes what serving still holds.</summary>
    public ValueTask DisposeAsync() => serving.IsValueCreated ? Serving.DisposeAsync() : ValueTask.CompletedTask;
}

/// <summary>The workspaces of a store: made on first use.</summary>
public sealed class Workspaces(Store store, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, WorkspaceServices> open = new(StringComparer.Ordinal);

    public const string DefaultName = "default";

    public WorkspaceServices Default => Get(DefaultName);

    public WorkspaceServices Get(string name) => open.GetOrAdd(name, n => new WorkspaceServices(store.In(n), time));

    /// <summary>Ends what works in the background; to be called when no request comes any more, while the store still answers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var workspace in open.Values)
        {
            await workspace.DisposeAsync().ConfigureAwait(false);
        }
    }
}
