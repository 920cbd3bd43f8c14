using System.Collections.Concurrent;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Pipelines.Engines.Local;
using Serverless.Storage;
using Serverless.Storage.Tables;
using Serverless.Tracking.Models;

namespace Serverless.Api.Hosting;

/// <summary>A workspace as its row has it: who made it, and when.</summary>
public sealed record WorkspaceRecord(string Name, DateTimeOffset CreatedAt, string CreatedBy);

/// <summary>
/// The workspaces of a store. Each is a row of the index, partition `workspaces`; `default` needs none. Who makes them is the host's
/// choice, <see cref="WorkspacePolicy"/>.
/// </summary>
public sealed class Workspaces(Store store, TimeProvider time, ApiOptions? options = null) : IAsyncDisposable
{
    private const string Partition = "workspaces";
    private readonly ConcurrentDictionary<string, WorkspaceServices> open = new(StringComparer.Ordinal);

    /// <summary>Those that are known to have their row.</summary>
    private readonly ConcurrentDictionary<string, bool> made = new(
        new Dictionary<string, bool> { [DefaultName] = true, [store.Workspace] = true },
        StringComparer.Ordinal
    );

    public const string DefaultName = "default";

    public ApiOptions Options { get; } = options ?? new ApiOptions();

    /// <summary>How a host puts policies to work; it knows the components and where files may lie.</summary>
    public Func<WorkspaceServices, PolicyEngine>? PolicyEngines { get; init; }

    /// <summary>How a host drives pipelines' runs: what people do with a run goes through it.</summary>
    public Func<WorkspaceServices, LocalEngine>? Pipelines { get; init; }

    /// <summary>Told that a run was submitted or reopened, so that the host need not ask the store whether there is one.</summary>
    public Action<WorkspaceServices> RunSubmitted { get; set; } = _ => { };

    public WorkspaceServices Default => Get(DefaultName);

    /// <summary>Told that a delivery of a webhook was taken in, so that the host need not ask the store whether there is one.</summary>
    public Action<WorkspaceServices> HookReceived { get; set; } = _ => { };

    /// <summary>For the host itself: a workspace that it has made or was told.</summary>
    public WorkspaceServices Get(string name) =>
        open.GetOrAdd(name, n => new WorkspaceServices(store.In(n), time, Options, PolicyEngines, Pipelines));

    /// <summary>For a request: the workspace that it names, if there may be one.</summary>
    public ValueTask<WorkspaceServices> OpenAsync(string name, Actor actor, CancellationToken cancellationToken = default) =>
        made.ContainsKey(name) ? ValueTask.FromResult(Get(name)) : new(OpenNewAsync(name, actor, cancellationToken));

    /// <summary>Makes a workspace.</summary>
    /// <returns>Null if it was there already.</returns>
    public async Task<WorkspaceRecord?> CreateAsync(string name, Actor actor, CancellationToken cancellationToken = default)
    {
        Get(name);
        var record = new WorkspaceRecord(name, time.GetUtcNow(), actor.Name);
        var isNew =
            name != DefaultName
            && (await store.Index.CommitAsync(RowChange.Insert(Row.Of(Partition, Keys.Join(name), record)), cancellationToken)).IsCommitted;
        made[name] = true;
        return isNew ? record : null;
    }

    /// <summary>All workspaces, by name; the default one first.</summary>
    public async Task<IReadOnlyList<WorkspaceRecord>> ListAsync(CancellationToken cancellationToken = default)
    {
        var records = new List<WorkspaceRecord> { new(DefaultName, default, "") };
        await foreach (var row in store.Index.QueryAsync(Partition, "", cancellationToken))
        {
            records.Add(row.Read<WorkspaceRecord>());
        }

        return records;
    }

    /// <summary>Looks after the rollouts of every workspace that is in use, until it is stopped.</summary>
    /// <param name="tell">Takes a line for the host's log.</param>
    /// <param name="stopped">Stops it.</param>
    /// <param name="idle">How often it looks with none open; null for the usual.</param>
    public async Task RunRolloutsAsync(Action<string> tell, CancellationToken stopped, TimeSpan? idle = null)
    {
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        while (!stopped.IsCancellationRequested)
        {
            foreach (var (name, workspace) in open.Where(w => !running.ContainsKey(w.Key)))
            {
                running[name] = workspace.RunRolloutsAsync(tell, stopped, idle);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, stopped)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await Task.WhenAll(running.Values);
    }

    /// <summary>Ends what works in the background; to be called when no request comes any more, while the store still answers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var workspace in open.Values)
        {
            await workspace.DisposeAsync();
        }
    }

    private async Task<WorkspaceServices> OpenNewAsync(string name, Actor actor, CancellationToken cancellationToken)
    {
        // A name that cannot be one is told before anything is looked up.
        var services = store.In(name);
        if (await store.Index.GetAsync(Partition, Keys.Join(services.Workspace), cancellationToken) is null)
        {
            if (Options.Workspaces == WorkspacePolicy.ByAdmin)
            {
                var whom = Options.Admins.Count == 0 ? "an administrator" : $"an administrator ({string.Join(", ", Options.Admins)})";
                throw ServerlessException.NotFound(
                    $"There is no workspace '{name}'. Ask {whom} to make it: `mlops workspaces create {name}`."
                );
            }

            await CreateAsync(name, actor, cancellationToken);
        }

        made[name] = true;
        return Get(name);
    }
}
