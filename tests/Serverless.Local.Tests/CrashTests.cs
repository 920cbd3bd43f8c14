using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

public sealed class CrashTests(AzuriteFixture azurite) : HostTest(azurite)
{
    /// <summary>What comes out where nothing crashes: the digests of the files.</summary>
    private const string Last = "c30f7472766d25af1dc80b3ffc9a58c7";

    [Theory]
    [InlineData("first")]
    [InlineData("left")]
    [InlineData("join")]
    [InlineData("last")]
    public async Task A_host_that_starts_after_a_crash_goes_on_where_the_killed_one_was(string blocked)
    {
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = blocked;
        var killed = Start("run", "p");
        await RanAsync(blocked);
        // Its twin may be on its way still; what is recorded is certain once what follows has begun.
        var recorded = TestPipeline
            .Names.TakeWhile(n => n != blocked && n != "left")
            .Concat(blocked is "join" or "last" ? ["left", "right"] : []);
        await killed.KillAsync();

        OpenGate();
        var next = Start("up", "--port", "0");
        var run = await EndOfRunAsync();
        next.Signal(MlopsProcess.Terminate);
        var ended = await next.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(RunStatus.Finished, run.Status);
        var tasks = await TasksAsync(run);
        Assert.Equal("first:Succeeded join:Succeeded last:Succeeded left:Succeeded right:Succeeded", States(tasks.Values));
        Assert.Equal(Last, tasks["last"].Result.Artifacts["last.txt"].Digest);
        Assert.All(recorded, name => Assert.Equal(1, Ran(name)));
        Assert.Equal(2, Ran(blocked));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task The_same_command_goes_on_after_a_crash_and_runs_nothing_twice_that_was_recorded(int after)
    {
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        var killed = Start("run", "p", "--jobs", "1");
        await killed.SaysAsync($"[{after}/5]");
        await killed.KillAsync();
        var recorded = killed
            .Output.Split('\n')
            .Where(l => l.Contains(": succeeded"))
            .Select(l => l[(l.IndexOf(' ') + 1)..l.IndexOf(':')])
            .ToList();

        var ended = await RunAsync("run", "p", "--jobs", "1", "--json");

        Assert.Equal(0, ended.ExitCode);
        Assert.True(recorded.Count >= after);
        Assert.All(recorded, name => Assert.Equal(1, Ran(name)));
        var (run, tasks) = Parse(ended.Output);
        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(Last, tasks.Single(t => t.Path == "last").Result.Artifacts["last.txt"].Digest);
        Assert.All(TestPipeline.Names, name => Assert.InRange(Ran(name), 1, 2));
    }

    [Fact]
    public async Task A_command_that_outlived_its_killed_host_is_ended_by_the_next_one()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  orphan: {cmd: 'echo $$ > $TRACE; sleep 300; echo late >> $TRACE'}\n");
        var killed = Start("run", "p");
        await Eventually.HoldsAsync(() => Trace().Count == 1, () => "the command's process id");
        var orphan = int.Parse(Trace()[0], System.Globalization.CultureInfo.InvariantCulture);
        await killed.KillAsync();

        await RunAsync("runs");

        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{orphan}"), () => $"the end of process {orphan}");
        Assert.Empty(Directory.EnumerateDirectories(Folder.At(".mlops", "work")));
    }

    [Fact]
    public async Task A_run_that_a_crash_left_is_cancelled_without_anything_running_again()
    {
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
        var killed = Start("run", "p");
        await RanAsync("join");
        await killed.KillAsync();
        var id = killed.Output.Split(' ')[1];

        var ended = await RunAsync("cancel", id);

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("KILLED", ended.Output);
        Assert.Equal(1, Ran("join"));
        Assert.Equal(0, Ran("last"));
    }
}
