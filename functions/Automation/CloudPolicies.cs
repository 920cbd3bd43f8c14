using System.Collections.Concurrent;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Engine;

namespace Serverless.Functions.Automation;

/// <summary>Processes the policies of each workspace and the inbox.</summary>
public sealed class CloudPolicies
{
    private const string OtherWorkspaces = "w/";
    private const string DefaultWorkspace = "default";
    private readonly ConcurrentDictionary<string, (PolicyEngine Engine, InboxHandler Inbox)> open = new(StringComparer.Ordinal);
    private readonly Func<string, PolicyEngine> make;

    private readonly Func<string, CancellationToken, Task> rollouts;

    internal CloudPolicies(Func<string, PolicyEngine> make, Func<string, CancellationToken, Task>? rollouts = null)
    {
        this.make = make;
        this.rollouts = rollouts ?? ((_, _) => Task.CompletedTask);
    }

    /// <summary>Evaluates timed triggers and rollouts. Rollouts advance even without requests.</summary>
    public async Task TickAsync(string workspace, CancellationToken cancellationToken)
    {
        try
        {
            await Of(workspace).Engine.TickAsync(cancellationToken);
        }
        finally
        {
            await rollouts(workspace, cancellationToken);
        }
    }

    /// <summary>Processes a new file in the inbox. Its event may be delivered repeatedly.</summary>
    /// <param name="name">The blob's name in the container: `{dataset}/{file}`, or `w/{workspace}/{dataset}/{file}`.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task TakeAsync(string name, CancellationToken cancellationToken)
    {
        var (engine, inbox) = Of(WorkspaceOf(name));
        if (await engine.Options.Store.Inbox.FindAsync(name, cancellationToken) is { } blob)
        {
            await inbox.HandleAsync(blob, cancellationToken);
        }
    }

    /// <summary>Processes uploads whose event was lost.</summary>
    public async Task SweepAsync(string workspace, CancellationToken cancellationToken)
    {
        var (engine, inbox) = Of(workspace);
        var datasets = new DatasetStore(engine.Options.Store);
        foreach (
            var dataset in (await engine.Options.Store.Inbox.ListAsync(cancellationToken)).GroupBy(b => b.Dataset, StringComparer.Ordinal)
        )
        {
            var answered = (await datasets.ListUploadsAsync(dataset.Key, cancellationToken))
                .Where(u => u.IsAnswered)
                .Select(u => u.Key)
                .ToHashSet(StringComparer.Ordinal);
            foreach (var blob in dataset.Where(b => !answered.Contains(b.Key)))
            {
                await inbox.HandleAsync(blob, cancellationToken);
            }
        }
    }

    private static string WorkspaceOf(string name) =>
        name.StartsWith(OtherWorkspaces, StringComparison.Ordinal) && name.Split('/') is [_, { Length: > 0 } workspace, _, _, ..]
            ? workspace
            : DefaultWorkspace;

    private (PolicyEngine Engine, InboxHandler Inbox) Of(string workspace) =>
        open.GetOrAdd(
            workspace,
            name =>
            {
                var engine = make(name);
                return (engine, new InboxHandler(engine));
            }
        );
}
