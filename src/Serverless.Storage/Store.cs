using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Serverless.Core;
using Serverless.Storage.Artifacts;
using Serverless.Storage.Blobs;
using Serverless.Storage.Content;
using Serverless.Storage.Inbox;
using Serverless.Storage.Logs;
using Serverless.Storage.Tables;

namespace Serverless.Storage;

/// <summary>Provides the tables and containers of one workspace in the storage account.</summary>
public sealed class Store
{
    /// <summary>The container of content, logs and artifacts. `azure://mlops/{workspace}` is a DVC remote.</summary>
    public const string ContainerName = "mlops";

    /// <summary>The outage tolerance at startup. Giving up early loses nothing, and a wrong address is the likely cause.</summary>
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(15);

    private readonly BlobServiceClient blobs;
    private readonly BlobContainerClient container;
    private readonly TableServiceClient tables;

    private readonly BlobContainerClient inbox;

    private Store(TableServiceClient tables, BlobServiceClient blobs, string workspace)
    {
        this.tables = tables;
        this.blobs = blobs;
        container = blobs.GetBlobContainerClient(ContainerName);
        inbox = blobs.GetBlobContainerClient(InboxStore.ContainerName);
        Workspace = workspace;
        Runs = new Table(tables.GetTableClient("mlopsruns"));
        Models = new Table(tables.GetTableClient("mlopsmodels"));
        Index = new Table(tables.GetTableClient("mlopsindex"));
        Policies = new Table(tables.GetTableClient("mlopspolicies"));
        Datasets = new Table(tables.GetTableClient("mlopsdata"));
        Objects = new BlobFolder(container, workspace + "/", blobs);
        Content = new ContentStore(container, workspace);
        Serving = new Table(tables.GetTableClient("mlopsserving"));
        Logs = new LogStore(container, workspace, "logs");
        Predictions = new LogStore(container, workspace, "predictions");
        Artifacts = new ArtifactStore(container, Index, workspace);
        Inbox = new InboxStore(inbox, workspace);
    }

    public string Workspace { get; }

    /// <summary>Gets the table with a partition for each experiment: its runs, their tasks, and the task cache.</summary>
    public Table Runs { get; }

    /// <summary>Gets the table with a partition for each workspace: its models, their versions and their history.</summary>
    public Table Models { get; }

    /// <summary>Gets the table of small index partitions: experiments by name, runs by id, open runs.</summary>
    public Table Index { get; }

    /// <summary>
    /// Gets the table with a partition for each workspace: training policies, their decisions, and the files that arrived in their
    /// datasets.
    /// </summary>
    public Table Policies { get; }

    /// <summary>
    /// Gets the table with a partition for each dataset (its versions, branches and tags) and one for each digest (what produced and used
    /// it).
    /// </summary>
    public Table Datasets { get; }

    /// <summary>Gets the table with a partition for each hour of a served model: the labels that arrived later.</summary>
    public Table Serving { get; }

    public ContentStore Content { get; }

    /// <summary>Gets the workspace as a DVC remote: everything below its name.</summary>
    public BlobFolder Objects { get; }

    /// <summary>Gets the logs of tasks.</summary>
    public LogStore Logs { get; }

    /// <summary>Gets the requests to models and their responses.</summary>
    public LogStore Predictions { get; }

    public ArtifactStore Artifacts { get; }

    public InboxStore Inbox { get; }

    /// <summary>Opens the store and creates its tables and container if they are missing.</summary>
    public static async Task<Store> OpenAsync(StorageOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Validate() is { Count: > 0 } found)
        {
            throw ServerlessException.Invalid("The storage settings are not valid.", found);
        }

        var (tables, blobs) = StorageClients.Of(options);
        var store = new Store(tables, blobs, options.Workspace);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.OutageTolerance < OpenLimit ? options.OutageTolerance : OpenLimit);
        try
        {
            await Task.WhenAll(
                store.container.CreateIfNotExistsAsync(cancellationToken: limit.Token),
                store.tables.CreateTableIfNotExistsAsync("mlopsruns", limit.Token),
                store.tables.CreateTableIfNotExistsAsync("mlopsmodels", limit.Token),
                store.tables.CreateTableIfNotExistsAsync("mlopsindex", limit.Token),
                store.tables.CreateTableIfNotExistsAsync("mlopsdata", limit.Token),
                store.tables.CreateTableIfNotExistsAsync("mlopspolicies", limit.Token),
                store.tables.CreateTableIfNotExistsAsync("mlopsserving", limit.Token)
            );
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw ServerlessException.Unavailable(
                $"The storage account at {store.tables.Uri.Authority} does not answer.",
                "Start it, or fix AzureWebJobsStorage. Without that setting, Azurite starts on this machine.",
                e
            );
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        return store;
    }

    /// <summary>Opens another workspace of the same account. Sends no request.</summary>
    public Store In(string workspace) =>
        new StorageOptions { Workspace = workspace }.Validate() is { Count: > 0 } found
            ? throw ServerlessException.Invalid($"'{workspace}' is not a valid workspace name.", found)
            : new Store(tables, blobs, workspace);
}
