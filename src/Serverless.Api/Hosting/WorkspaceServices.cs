using Serverless.Api.Mlflow;
using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Api;

/// <summary>What a workspace holds: its runs, its models, its content.</summary>
public sealed class WorkspaceServices
{
    internal WorkspaceServices(Store store, TimeProvider time, ApiOptions options)
    {
        Store = store;
        Time = time;
        Options = options;
        Runs = new RunStore(store, time);
        Models = new ModelRegistry(store, time);
        LoggedModels = new LoggedModelStore(store, time);
        Artifacts = new ArtifactTree(store, Runs);
    }

    public Store Store { get; }

    public TimeProvider Time { get; }

    public RunStore Runs { get; }

    public ModelRegistry Models { get; }

    public LoggedModelStore LoggedModels { get; }

    internal ApiOptions Options { get; }

    internal ArtifactTree Artifacts { get; }
}
