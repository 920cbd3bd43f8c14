using System.Diagnostics;
using Serverless.Testing;

namespace Serverless.Benchmarks.Reliability;

/// <summary>A host as a person starts it, on a store of its own whose data is on disk.</summary>
internal sealed class Platform : IAsyncDisposable
{
    private readonly OwnAzurite store;
    private readonly List<MlopsProcess> processes = [];
    private MlopsProcess? host;

    public Platform() => store = new OwnAzurite(Folder.At("store"));

    public TestFolder Folder { get; } = new();

    public string ConnectionString => store.ConnectionString;

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    public double HostMegabytes => Process.GetProcessById(host!.Id).WorkingSet64 / 1024.0 / 1024.0;

    public Task StartStoreAsync() => store.StartAsync();

    public Task KillStoreAsync() => store.KillAsync();

    public async Task StartHostAsync()
    {
        host = Start("up", "--port", "0");
        await Eventually.HoldsAsync(
            () => host.Output.Contains("http://", StringComparison.Ordinal),
            () => $"the host's address\n{host.Output}\n{host.Error}"
        );
        Url = new Uri(host.Output.Split(' ', '\n').First(w => w.StartsWith("http://", StringComparison.Ordinal)) + "/");
    }

    public Task KillHostAsync() => host!.KillAsync();

    public MlopsProcess Start(params string[] arguments)
    {
        var settings = new Dictionary<string, string?> { ["AzureWebJobsStorage"] = ConnectionString, ["TRACE"] = Folder.At("trace.txt") };
        var process = MlopsProcess.Start(Folder.Root, settings, arguments);
        processes.Add(process);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }

        await store.DisposeAsync();
        Folder.Dispose();
    }
}
