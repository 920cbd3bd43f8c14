using Serverless.Api.Hosting;
using Serverless.Automation.Hooks;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Local.Azurite;
using Serverless.Pipelines.Engines.Local;
using Serverless.Storage;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Hosting;

/// <summary>The whole platform on one machine: the store, started if necessary, and the services on it.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private readonly AzuriteServer? azurite;
    private readonly string work;

    private LocalHost(LocalWorkspace workspace, AzuriteServer? azurite, Store store)
    {
        Workspace = workspace;
        work = WorkFolders.OfThisProcess(workspace.Work);
        this.azurite = azurite;
        Store = store;
        Workspaces = new Workspaces(store, TimeProvider.System, ApiOptions.FromEnvironment())
        {
            PolicyEngines = services => new PolicyEngine(services.PolicyOptions(Components.Catalog, work, Told(() => Submitted()))),
            Pipelines = services => services.Store.Workspace == store.Workspace ? Engine! : EngineOf(services),
            RunSubmitted = _ => Submitted(),
        };
        // The API and the engine share one writer per experiment, and its state in memory.
        var own = Workspaces.Get(store.Workspace);
        Registry = own.Models;
        Policies = own.Policies;
        Own = own;
        Engine = EngineOf(own);
    }

    public LocalWorkspace Workspace { get; }

    public Store Store { get; }

    public Workspaces Workspaces { get; }

    /// <summary>The workspace of the command line.</summary>
    public WorkspaceServices Own { get; }

    public ModelRegistry Registry { get; }

    public PolicyStore Policies { get; }

    public LocalEngine Engine { get; }

    /// <summary>Processes the policies of the workspace.</summary>
    public PolicyEngine PoliciesAtWork => Workspaces.Get(Store.Workspace).Engine;

    /// <summary>The current stage of a version. Null if it no longer exists.</summary>
    public async Task<string?> StageOfAsync(string model, int version)
    {
        try
        {
            return (await Registry.FindVersionAsync(model, version))?.Stage.ToString();
        }
        catch (ServerlessException)
        {
            // A summary must not fail: the run's own record has the earlier stage.
            return null;
        }
    }

    /// <summary>The location of the workspace, for services that use files and HTTP.</summary>
    public WorkspaceFolder Folder => new(Store.Workspace == Workspaces.DefaultName ? "" : $"w/{Store.Workspace}/", work);

    /// <summary>Called after a policy has submitted a run.</summary>
    public Action Submitted { get; set; } = () => { };

    /// <summary>Processes webhook deliveries.</summary>
    public HookEngine HooksAtWork(GithubClient github, Action submitted, Action<string> tell) =>
        new(Own.HookOptions(Components.Catalog, github, work, Told(submitted), tell));

    public static async Task<LocalHost> OpenAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var options = StorageOptions.FromEnvironment();
        var workspace = LocalWorkspace.Find(Environment.CurrentDirectory);
        WorkFolders.ClearLeft(workspace.Work);
        AzuriteServer? azurite = null;
        try
        {
            if (options.AccountName is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(StorageOptions.ConnectionSetting)))
            {
                azurite = await AzuriteServer.StartAsync(
                    new AzuriteOptions
                    {
                        Folder = workspace.Azurite,
                        Tell = tell,
                        Restart = true,
                    },
                    cancellationToken
                );
                options = options with { ConnectionString = azurite.ConnectionString };
            }

            return new LocalHost(workspace, azurite, await Store.OpenAsync(options, cancellationToken));
        }
        catch
        {
            if (azurite is not null)
            {
                await azurite.DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Flush pending writes before the store closes.
        await Workspaces.DisposeAsync();
        WorkFolders.Remove(work);
        if (azurite is not null)
        {
            await azurite.DisposeAsync();
        }
    }

    private LocalEngine EngineOf(WorkspaceServices workspace) =>
        new(
            new LocalEngineOptions
            {
                Store = workspace.Store,
                Runs = workspace.Runs,
                Catalog = Components.Catalog,
                Services = workspace.Components,
                WorkRoot = work,
            }
        );

    private static Func<Run, CancellationToken, Task> Told(Action submitted) =>
        (_, _) =>
        {
            submitted();
            return Task.CompletedTask;
        };
}
