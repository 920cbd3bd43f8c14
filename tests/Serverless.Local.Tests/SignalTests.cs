using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

public sealed class SignalTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Theory]
    [InlineData(MlopsProcess.Interrupt)]
    [InlineData(MlopsProcess.Terminate)]
    public async Task An_interrupted_run_ends_its_commands_says_how_it_goes_on_and_does(int signal)
    {
        Folder.Write(
            "p/dvc.yaml",
            TestPipeline.Diamond.Replace("echo join >> $TRACE;", "echo $$ > pid; cp pid $TRACE.pid; echo join >> $TRACE;")
        );
        Settings["BLOCK"] = "join";
        var first = Start("run", "p");
        await RanAsync("join");
        var command = File.ReadAllText(TraceFile + ".pid").Trim();

        first.Signal(signal);
        var ended = await first.WaitAsync();
        var isGone = !Directory.Exists("/proc/" + command);
        OpenGate();
        var next = await RunAsync("run", "p", "--json");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("can be continued with the same command", ended.Error);
        Assert.True(isGone);
        Assert.Equal(0, next.ExitCode);
        Assert.Contains("Continuing the unfinished run", next.Error);
        Assert.StartsWith(ended.Output.Split(' ')[1], Parse(next.Output).Run.Id);
        Assert.Equal((1, 1, 1, 2), (Ran("first"), Ran("left"), Ran("right"), Ran("join")));
    }

    [Theory]
    [InlineData(MlopsProcess.Interrupt)]
    [InlineData(MlopsProcess.Terminate)]
    public async Task A_host_that_is_told_to_end_leaves_its_run_to_the_next(int signal)
    {
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
        var crashed = Start("run", "p");
        await RanAsync("join");
        await crashed.KillAsync();
        var host = Start("up", "--port", "0");
        await Eventually.HoldsAsync(() => Ran("join") == 2, () => "the run taken over");

        host.Signal(signal);
        var ended = await host.WaitAsync();
        OpenGate();
        Start("up", "--port", "0");
        var run = await EndOfRunAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal((1, 3, 1), (Ran("first"), Ran("join"), Ran("last")));
    }
}
