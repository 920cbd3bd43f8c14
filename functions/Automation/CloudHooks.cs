using System.Collections.Concurrent;
using Serverless.Api.Hosting;
using Serverless.Automation.Hooks;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Durable;

namespace Serverless.Functions.Automation;

/// <summary>
/// Processes webhook deliveries on arrival, and at each tick, because an instance may end before its background work does.
/// </summary>
internal sealed class CloudHooks(Func<string, HookEngine> engineOf)
{
    private readonly ConcurrentDictionary<string, HookEngine> open = new(StringComparer.Ordinal);

    public static CloudHooks Of(
        Workspaces workspaces,
        ComponentCatalog catalog,
        string work,
        int parallelism,
        IRunDriver driver,
        Action<string> tell
    )
    {
        var github = new GithubClient(workspaces.Options.Github, TimeProvider.System);
        var hooks = new CloudHooks(name => new HookEngine(
            workspaces.Get(name).HookOptions(catalog, github, work, (run, token) => driver.StartAsync(name, run, token), tell) with
            {
                Parallelism = parallelism,
            }
        ));
        workspaces.HookReceived = workspace => hooks.Begin(workspace.Store.Workspace, tell);
        return hooks;
    }

    public Task WorkAsync(string workspace, CancellationToken cancellationToken) =>
        open.GetOrAdd(workspace, engineOf).WorkAsync(cancellationToken);

    private void Begin(string workspace, Action<string> tell) =>
        _ = Task.Run(async () =>
        {
            try
            {
                await WorkAsync(workspace, CancellationToken.None);
            }
            catch (Exception e)
            {
                // The next tick retries.
                tell(e.Message);
            }
        });
}
