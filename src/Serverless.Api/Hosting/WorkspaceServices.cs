using System.Collections.Concurrent;
using Serverless.Api.Mlflow;
using Serverless.Storage;
using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Api;

/// <summary>What a workspace holds: its runs, its models, its content.</summary>
public sealed class WorkspaceServices
{
    internal WorkspaceServices(Store store, TimeProvider time)
    {
        Store = store;
        Time = time;
        Runs = new RunStore(store, time);
        Models = new ModelRegistry(store, time);
        Policies = new PolicyStore(store, time);
        Artifacts = new ArtifactTree(store, Runs);
    }

    public Store Store { get; }

    public TimeProvider Time { get; }

    public RunStore Runs { get; }

    public ModelRegistry Models { get; }

    public PolicyStore Policies { get; }

    internal ArtifactTree Artifacts { get; }
}

/// <summary>The workspaces of a store: made on first use.</summary>
public sealed class Workspaces(Store store, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, WorkspaceServices> open = new(StringComparer.Ordinal);

    public const string DefaultName = "default";

    public WorkspaceServices Default => Get(DefaultName);

    public WorkspaceServices Get(string name) => open.GetOrAdd(name, n => new WorkspaceServices(store.In(n), time));
}
