using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

public sealed class TwoHostsTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task Hosts_on_one_store_never_drive_a_run_together()
    {
        MlopsProcess[] keepers = [Start("up", "--port", "0"), Start("up", "--port", "0")];
        await Task.WhenAll(keepers.Select(k => k.SaysAsync("is listening on")));
        string[] names = ["one", "two", "three"];
        foreach (var name in names)
        {
            Folder.Write(
                $"{name}/dvc.yaml",
                $"stages:\n  a: {{cmd: 'echo {name}a >> $TRACE; echo > o', outs: [o]}}\n  b: {{cmd: 'echo {name}b >> $TRACE', deps: "
                    + $"[o], always_changed: true}}\n"
            );
        }

        var runs = await Task.WhenAll(names.Select(name => RunAsync("run", name, "--json")));

        Assert.All(runs, r => Assert.Equal(0, r.ExitCode));
        Assert.All(runs, r => Assert.Equal("a:Succeeded b:Succeeded", States(Parse(r.Output).Tasks)));
        Assert.All(names, name => Assert.Equal((1, 1), (Ran(name + "a"), Ran(name + "b"))));
    }

    [Fact]
    public async Task A_run_that_another_host_drives_is_left_to_it_and_can_be_cancelled_from_here()
    {
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
        var killed = Start("run", "p");
        await RanAsync("join");
        await killed.KillAsync();
        var keeper = Start("up", "--port", "0");
        await Eventually.HoldsAsync(() => Ran("join") == 2, () => "the run taken over");
        var id = killed.Output.Split(' ')[1];

        // It is driven, so this is a run of its own; the one that was left is not touched.
        var own = Start("run", "p", "--json");
        await Eventually.HoldsAsync(() => Ran("join") == 3, () => "the second run");
        var cancel = await RunAsync("cancel", id, "--reason", "enough");
        var ended = await RunAsync("runs", "show", id);
        OpenGate();

        Assert.Contains("Asked the host of run", cancel.Output);
        Assert.Equal(RunStatus.Finished, Parse((await own.WaitAsync()).Output).Run.Status);
        await Eventually.HoldsAsync(async () => (await RunAsync("runs", "show", id)).Output.Contains("KILLED"), () => ended.ToString());
        Assert.False(keeper.HasExited);
    }
}
