using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

/// <summary>An Azurite of the test's own, with its data on disk, that goes away in the middle of a run.</summary>
public sealed class OutageTests(AzuriteFixture azurite) : HostTest(azurite)
{
    private OwnAzurite store = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        store = new OwnAzurite(Folder.At("store"));
        await store.StartAsync();
        Settings["AzureWebJobsStorage"] = store.ConnectionString;
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
    }

    public override async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_run_goes_on_when_the_store_comes_back()
    {
        var host = Start("run", "p", "--json");
        await RanAsync("join");
        await store.EndAsync();
        OpenGate();
        // What it wants to record now finds nobody: the command has ended, its result waits.
        await Eventually.HoldsAsync(
            () => !Directory.EnumerateFiles(Folder.Root, "join.txt", SearchOption.AllDirectories).All(f => new FileInfo(f).Length == 0),
            () => "the command's output"
        );
        await store.StartAsync();
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
        await store.EndAsync();
        OpenGate();
        var ended = await host.WaitAsync();
        await store.StartAsync();
        var next = await RunAsync("run", "p", "--json");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("The storage account does not answer", ended.Error);
        Assert.Contains("Recorded data is kept, and the run continues", ended.Error);
        Assert.Equal(0, next.ExitCode);
        Assert.Equal(ended.Output.Split(' ')[1], Parse(next.Output).Run.Id[..8]);
        Assert.Equal((1, 1, 1, 2, 1), (Ran("first"), Ran("left"), Ran("right"), Ran("join"), Ran("last")));
        Assert.Equal(RunStatus.Finished, (await EndOfRunAsync()).Status);
    }
}
