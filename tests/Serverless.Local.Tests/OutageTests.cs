using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Serverless.Testing;
using Serverless.Tracking;

namespace Serverless.Local.Tests;

/// <summary>An Azurite of the test's own, with its data on disk, that goes away in the middle of a run.</summary>
public sealed class OutageTests(AzuriteFixture azurite) : HostTest(azurite)
{
    private readonly AzuritePorts ports = FreePorts();
    private AzuriteServer? server;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await StartAzuriteAsync();
        Settings["AzureWebJobsStorage"] = server!.ConnectionString;
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
    }

    public override async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_run_goes_on_when_the_store_comes_back()
    {
        var host = Start("run", "p", "--json");
        await RanAsync("join");
        await StopAzuriteAsync();
        OpenGate();
        // What it wants to record now finds nobody: the command has ended, its result waits.
        await Eventually.HoldsAsync(() => !Directory.EnumerateFiles(Folder.Root, "join.txt", SearchOption.AllDirectories).All(f => new FileInfo(f).Length == 0), () => "the command's output");
        await StartAzuriteAsync();
        var ended = await host.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("first:Succeeded join:Succeeded last:Succeeded left:Succeeded right:Succeeded", States(Parse(ended.Output).Tasks));
        Assert.All(TestPipeline.Names, name => Assert.Equal(1, Ran(name)));
    }

    [Fact]
    public async Task A_store_that_does_not_come_back_ends_the_host_with_what_to_do_and_the_run_goes_on_later()
    {
        Settings["MLOPS_OUTAGE_TOLERANCE"] = "2";
        var host = Start("run", "p");
        await RanAsync("join");
        await StopAzuriteAsync();
        OpenGate();
        var ended = await host.WaitAsync();
        await StartAzuriteAsync();
        var next = await RunAsync("run", "p", "--json");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("The storage account does not answer", ended.Error);
        Assert.Contains("what was recorded is kept, and the run goes on", ended.Error);
        Assert.Equal(0, next.ExitCode);
        Assert.Equal(ended.Output.Split(' ')[1], Parse(next.Output).Run.Id[..8]);
        Assert.Equal((1, 1, 1, 2, 1), (Ran("first"), Ran("left"), Ran("right"), Ran("join"), Ran("last")));
        Assert.Equal(RunStatus.Finished, (await EndOfRunAsync()).Status);
    }

    internal static AzuritePorts FreePorts()
    {
        var listeners = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var numbers = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Dispose());
        return new AzuritePorts(numbers[0], numbers[1], numbers[2]);
    }

    private async Task StartAzuriteAsync() =>
        server = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = Folder.At("store"), UseDefaultPorts = false, Ports = ports });

    private async Task StopAzuriteAsync()
    {
        using var process = Process.GetProcessById(server!.ProcessId);
        MlopsProcess.Signal(process.Id, MlopsProcess.Terminate);
        await process.WaitForExitAsync();
    }
}
