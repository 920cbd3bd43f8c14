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
using Serverless.Training.Components.Register;

namespace Serverless.Local.Hosting;

/// <summary>All of the platform on one machine: the store, started if need be, and what works on it.</summary>
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
        };
        // The API and the engine share one writer an experiment, and what it holds in memory.
        var own = Workspaces.Get(store.Workspace);
        Registry = own.Models;
        Policies = own.Policies;
        Own = own;
        Engine = new LocalEngine(
            new LocalEngineOptions
            {
                Store = store,
                Runs = own.Runs,
                Catalog = Components.Catalog,
                Services = own.Components,
                WorkRoot = work,
            }
        );
    }

    public LocalWorkspace Workspace { get; }

    public Store Store { get; }

    public Workspaces Workspaces { get; }

    /// <summary>The workspace that the command line works in.</summary>
    public WorkspaceServices Own { get; }

    public ModelRegistry Registry { get; }

    public PolicyStore Policies { get; }

    public LocalEngine Engine { get; }

    /// <summary>The policies of the workspace, at work.</summary>
    public PolicyEngine PoliciesAtWork => Workspaces.Get(Store.Workspace).Engine;

    /// <summary>Where a version stands now; null if it is there no more.</summary>
    public async Task<string?> StageOfAsync(string model, int version)
    {
        try
        {
            return (await Registry.FindVersionAsync(model, version))?.Stage.ToString();
        }
        catch (ServerlessException)
        {
            // A summary is no reason to fail: the run's own record says where it stood.
            return null;
        }
    }

    /// <summary>Where the workspace is, for services that work on files and over HTTP.</summary>
    public WorkspaceFolder Folder => new(Store.Workspace == Workspaces.DefaultName ? "" : $"w/{Store.Workspace}/", work);

    /// <summary>Called when a policy has submitted a run.</summary>
    public Action Submitted { get; set; } = () => { };

    /// <summary>Deliveries of webhooks, at work.</summary>
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
        // What is still to be written goes before the store does.
        await Workspaces.DisposeAsync();
        WorkFolders.Remove(work);
        if (azurite is not null)
        {
            await azurite.DisposeAsync();
        }
    }

    private static Func<Run, CancellationToken, Task> Told(Action submitted) =>
        (_, _) =>
        {
            submitted();
            return Task.CompletedTask;
        };
}
