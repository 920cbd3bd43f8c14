using System.Collections.Concurrent;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Pipelines.Engines.Local;
using Serverless.Storage;
using Serverless.Storage.Tables;
using Serverless.Tracking.Models;

namespace Serverless.Api.Hosting;

/// <summary>A workspace with its creator and creation time.</summary>
public sealed record WorkspaceRecord(string Name, DateTimeOffset CreatedAt, string CreatedBy);

/// <summary>
/// The workspaces of a store. Each is a row in the partition `workspaces` of the index. `default` needs no row. The host's
/// <see cref="WorkspacePolicy"/> determines who creates them.
/// </summary>
public sealed class Workspaces(Store store, TimeProvider time, ApiOptions? options = null) : IAsyncDisposable
{
    private const string Partition = "workspaces";
    private readonly ConcurrentDictionary<string, WorkspaceServices> open = new(StringComparer.Ordinal);

    /// <summary>The workspaces whose row is known to exist.</summary>
    private readonly ConcurrentDictionary<string, bool> made = new(
        new Dictionary<string, bool> { [DefaultName] = true, [store.Workspace] = true },
        StringComparer.Ordinal
    );

    public const string DefaultName = "default";

    public ApiOptions Options { get; } = options ?? new ApiOptions();

    /// <summary>Creates a host's policy engine. The host knows the components and the folder for files.</summary>
    public Func<WorkspaceServices, PolicyEngine>? PolicyEngines { get; init; }

    /// <summary>How a host drives pipelines' runs: what people do with a run goes through it.</summary>
    public Func<WorkspaceServices, LocalEngine>? Pipelines { get; init; }

    /// <summary>Told that a run was submitted or reopened, so that the host need not ask the store whether there is one.</summary>
    public Action<WorkspaceServices> RunSubmitted { get; set; } = _ => { };

    public WorkspaceServices Default => Get(DefaultName);

    /// <summary>Called when a webhook delivery was received, so that the host does not have to poll the store.</summary>
    public Action<WorkspaceServices> HookReceived { get; set; } = _ => { };

    /// <summary>Gets a workspace for the host itself, without a check.</summary>
    public WorkspaceServices Get(string name) =>
        open.GetOrAdd(name, n => new WorkspaceServices(store.In(n), time, Options, PolicyEngines, Pipelines));

    /// <summary>Gets the workspace that a request names, if it is allowed.</summary>
    public ValueTask<WorkspaceServices> OpenAsync(string name, Actor actor, CancellationToken cancellationToken = default) =>
        made.ContainsKey(name) ? ValueTask.FromResult(Get(name)) : new(OpenNewAsync(name, actor, cancellationToken));

    /// <summary>Creates a workspace.</summary>
    /// <returns>Null if it already exists.</returns>
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

    /// <summary>All workspaces by name, the default one first.</summary>
    public async Task<IReadOnlyList<WorkspaceRecord>> ListAsync(CancellationToken cancellationToken = default)
    {
        var records = new List<WorkspaceRecord> { new(DefaultName, default, "") };
        await foreach (var row in store.Index.QueryAsync(Partition, "", cancellationToken))
        {
            records.Add(row.Read<WorkspaceRecord>());
        }

        return records;
    }

    /// <summary>Runs the rollout services of every workspace in use, until stopped.</summary>
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

    /// <summary>Stops background work. Call it after the last request, while the store is still available.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var workspace in open.Values)
        {
            await workspace.DisposeAsync();
        }
    }

    private async Task<WorkspaceServices> OpenNewAsync(string name, Actor actor, CancellationToken cancellationToken)
    {
        // Report an invalid name before any lookup.
        var services = store.In(name);
        if (await store.Index.GetAsync(Partition, Keys.Join(services.Workspace), cancellationToken) is null)
        {
            if (Options.Workspaces == WorkspacePolicy.ByAdmin)
            {
                var whom = Options.Admins.Count == 0 ? "an administrator" : $"an administrator ({string.Join(", ", Options.Admins)})";
                throw ServerlessException.NotFound(
                    $"Workspace '{name}' does not exist. Ask {whom} to create it with `mlops workspaces create {name}`."
                );
            }

            await CreateAsync(name, actor, cancellationToken);
        }

        made[name] = true;
        return Get(name);
    }
}
