using Azure.Storage.Blobs;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>
/// A store of the test's own, with its data on disk, that ends in the middle of `mlops push` and `mlops pull` and is started again.
/// </summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const int Files = 60;
    private const int Passing = 20;
    private readonly TestFolder folder = new();
    private readonly Dictionary<string, string?> settings = new() { ["MLOPS_OUTAGE_TOLERANCE"] = "1" };
    private readonly OwnAzurite store;
    private HoldingProxy proxy = null!;
    private BlobContainerClient container = null!;

    public OutageTests() => store = new OwnAzurite(folder.At("store"));

    public async ValueTask InitializeAsync()
    {
        await store.StartAsync();
        container = new BlobContainerClient(store.ConnectionString, "data");
        await container.CreateAsync();
        proxy = new HoldingProxy(store.BlobPort);
        settings["AZURE_STORAGE_CONNECTION_STRING"] = store.ConnectionString.Replace(
            $":{store.BlobPort}/",
            $":{proxy.Port}/",
            StringComparison.Ordinal
        );
        folder.Write("r/.dvc/config", "[core]\n    no_scm = true\n    remote = az\n['remote \"az\"']\n    url = azure://data/p\n");
        for (var i = 0; i < Files; i++)
        {
            folder.Write($"r/raw/{i:D3}", $"content {i}");
        }

        Assert.Equal(0, (await RunAsync("add", "raw", "-q")).ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        await store.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_store_that_ends_in_mid_transfer_leaves_nothing_half_visible_and_the_next_attempt_transfers_the_rest()
    {
        var broken = await BreakAsync("PUT", "push");
        await store.StartAsync();
        Told(broken, "failed to push data to the cloud");
        var there = await NamesAsync();
        Assert.InRange(there.Count, 1, Passing);
        Assert.DoesNotContain(there, n => n.EndsWith(".dir", StringComparison.Ordinal));
        Assert.Equal($"{Files + 1 - there.Count} files pushed\n", (await RunAsync("push")).Output);
        Assert.Equal(Files + 1, (await NamesAsync()).Count);

        Directory.Delete(folder.At("r", ".dvc", "cache"), recursive: true);
        Directory.Delete(folder.At("r", "raw"), recursive: true);
        broken = await BreakAsync("GET", "pull");
        await store.StartAsync();
        Told(broken, "failed to pull data from the cloud");
        Assert.False(Directory.Exists(folder.At("r", "raw")));
        var here = Directory.EnumerateFiles(folder.At("r", ".dvc", "cache"), "*", SearchOption.AllDirectories).ToList();
        Assert.InRange(here.Count, 1, Passing);
        Assert.DoesNotContain(here, n => n.EndsWith(".dir", StringComparison.Ordinal));
        // The listing comes a second time: it is kept only with all its files.
        Assert.Contains(
            $"\n{Files + 1 - here.Count} files fetched and {Files} files added\n",
            (await RunAsync("pull")).Output,
            StringComparison.Ordinal
        );
        Assert.Equal("Data and pipelines are up to date.\n", (await RunAsync("status")).Output);
    }

    [Fact]
    public async Task A_store_that_comes_back_in_time_is_waited_for()
    {
        settings["MLOPS_OUTAGE_TOLERANCE"] = "60";
        proxy.HoldAfter(Passing, "PUT");
        await using var push = Start("push");
        await proxy.HoldsAsync(push);
        await store.EndAsync();
        proxy.Release();
        await store.StartAsync();

        var ended = await push.WaitAsync();

        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal($"{Files + 1} files pushed\n", ended.Output);
        Assert.Equal(Files + 1, (await NamesAsync()).Count);
    }

    private static void Told(Ended broken, string what)
    {
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains($"ERROR: {what} - ", broken.Error, StringComparison.Ordinal);
        Assert.Contains("does not answer", broken.Error, StringComparison.Ordinal);
        Assert.Contains("The next attempt transfers only the rest.", broken.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", broken.Error, StringComparison.Ordinal);
    }

    /// <summary>Runs a command until some requests have passed, ends the store, and lets the command see what it makes of that.</summary>
    private async Task<Ended> BreakAsync(string requests, string command)
    {
        proxy.HoldAfter(Passing, requests);
        await using var process = Start(command);
        await proxy.HoldsAsync(process);
        await store.EndAsync();
        proxy.Release();
        return await process.WaitAsync();
    }

    private async Task<List<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            names.Add(blob.Name);
        }

        return names;
    }

    private MlopsProcess Start(params string[] arguments) => MlopsProcess.Start(folder.At("r"), settings, arguments);

    private async Task<Ended> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.WaitAsync();
    }
}
