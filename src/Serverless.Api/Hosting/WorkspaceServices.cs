using System.Collections.Concurrent;
using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Api;

/// <summary>What a workspace holds: its runs, its models, its content.</summary>
public sealed class WorkspaceServices(Store store, TimeProvider time)
{
    public Store Store { get; } = store;

    public TimeProvider Time { get; } = time;

    public RunStore Runs { get; } = new(store, time);

    public ModelRegistry Models { get; } = new(store, time);
}

/// <summary>The workspaces of a store: made on first use.</summary>
public sealed class Workspaces(Store store, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, WorkspaceServices> open = new(StringComparer.Ordinal);

    public const string DefaultName = "default";

    public WorkspaceServices Default => Get(DefaultName);

    public WorkspaceServices Get(string name) => open.GetOrAdd(name, n => new WorkspaceServices(store.In(n), time));
}
