using Serverless.Pipelines;
using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Local;

/// <summary>All of the platform on one machine: the store, started if need be, and what works on it.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private readonly AzuriteServer? azurite;

    private LocalHost(LocalWorkspace workspace, AzuriteServer? azurite, Store store)
    {
        Workspace = workspace;
        this.azurite = azurite;
        Store = store;
        Registry = new ModelRegistry(store, TimeProvider.System);
        Engine = new LocalEngine(new LocalEngineOptions
        {
            Store = store,
            Catalog = Components.Catalog,
            Services = new ComponentServices(Registry, store),
            WorkRoot = workspace.Work,
        });
    }

    public LocalWorkspace Workspace { get; }

    public Store Store { get; }

    public ModelRegistry Registry { get; }

    public LocalEngine Engine { get; }

    public static async Task<LocalHost> OpenAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var workspace = LocalWorkspace.Find(Environment.CurrentDirectory);
        var configured = Environment.GetEnvironmentVariable("AzureWebJobsStorage");
        AzuriteServer? azurite = null;
        try
        {
            if (string.IsNullOrEmpty(configured))
            {
                azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = workspace.Azurite, Tell = tell }, cancellationToken).ConfigureAwait(false);
            }

            var options = new StorageOptions { ConnectionString = configured is { Length: > 0 } ? configured : azurite!.ConnectionString };
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

    public ValueTask DisposeAsync() => azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>What components may ask for.</summary>
    private sealed class ComponentServices(ModelRegistry registry, Store store) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelRegistry) || serviceType == typeof(ModelRegistry) ? registry
            : serviceType == typeof(ContentStore) ? store.Content
            : null;
    }
}
