using System.Globalization;
using Serverless.Api;
using Serverless.Pipelines;
using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Local;

/// <summary>All of the platform on one machine: the store, started if need be, and what works on it.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private const string WorkspaceSetting = "MLOPS_WORKSPACE";
    private const string ToleranceSetting = "MLOPS_OUTAGE_TOLERANCE";

    private readonly AzuriteServer? azurite;
    private readonly string work;

    private LocalHost(LocalWorkspace workspace, AzuriteServer? azurite, Store store)
    {
        Workspace = workspace;
        work = WorkFolders.OfThisProcess(workspace.Work);
        this.azurite = azurite;
        Store = store;
        Workspaces = new Workspaces(store, TimeProvider.System, ApiOptions.FromEnvironment());
        // The API and the engine share one writer an experiment, and what it holds in memory.
        var own = Workspaces.Get(store.Workspace);
        Registry = own.Models;
        Engine = new LocalEngine(new LocalEngineOptions
        {
            Store = store,
            Runs = own.Runs,
            Catalog = Components.Catalog,
            Services = new ComponentServices(Registry, store),
            WorkRoot = work,
        });
    }

    public LocalWorkspace Workspace { get; }

    public Store Store { get; }

    public Workspaces Workspaces { get; }

    public ModelRegistry Registry { get; }

    public LocalEngine Engine { get; }

    public static async Task<LocalHost> OpenAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var options = new StorageOptions
        {
            Workspace = Environment.GetEnvironmentVariable(WorkspaceSetting) is { Length: > 0 } own ? own : new StorageOptions().Workspace,
            OutageTolerance = Tolerance(),
        };
        var workspace = LocalWorkspace.Find(Environment.CurrentDirectory);
        WorkFolders.ClearLeft(workspace.Work);
        var configured = Environment.GetEnvironmentVariable("AzureWebJobsStorage");
        AzuriteServer? azurite = null;
        try
        {
            if (string.IsNullOrEmpty(configured))
            {
                azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = workspace.Azurite, Tell = tell, Restart = true }, cancellationToken).ConfigureAwait(false);
            }

            options = options with { ConnectionString = configured is { Length: > 0 } ? configured : azurite!.ConnectionString };
            return new LocalHost(workspace, azurite, await Store.OpenAsync(options, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            if (azurite is not null)
            {
                await azurite.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        WorkFolders.Remove(work);
        return azurite?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static TimeSpan Tolerance() => Environment.GetEnvironmentVariable(ToleranceSetting) switch
    {
        null or "" => new StorageOptions().OutageTolerance,
        { } text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400 => TimeSpan.FromSeconds(seconds),
        { } text => throw new ServerlessException(
            ErrorCodes.Environment, $"{ToleranceSetting} is '{text}'.", "Give the seconds to wait for a store that does not answer, such as 120, or leave it out."),
    };

    /// <summary>What components may ask for.</summary>
    private sealed class ComponentServices(ModelRegistry registry, Store store) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelRegistry) || serviceType == typeof(ModelRegistry) ? registry
            : serviceType == typeof(ContentStore) ? store.Content
            : null;
    }
}
