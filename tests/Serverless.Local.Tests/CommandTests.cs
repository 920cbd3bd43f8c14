using System.Text.Json;
using Serverless.Local.Commands;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

public sealed class CommandTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("up")]
    [InlineData("runs")]
    [InlineData("runs show")]
    [InlineData("logs")]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("approve")]
    [InlineData("models")]
    [InlineData("rollout show")]
    [InlineData("rollout start")]
    [InlineData("rollout approve")]
    [InlineData("roles")]
    [InlineData("models trash")]
    [InlineData("models restore")]
    [InlineData("models card")]
    [InlineData("models download")]
    [InlineData("runs compare")]
    [InlineData("runs gc")]
    [InlineData("runs restore")]
    [InlineData("workspaces")]
    public async Task The_help_of_every_command_ends_with_an_example(string command)
    {
        var ended = await RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, ended.ExitCode);
        Assert.Matches($@"Example:\n  mlops {command}", ended.Output);
    }

    [Fact]
    public async Task Roles_are_given_and_a_rollout_that_is_not_there_is_told()
    {
        await RunAsync("roles", "set", "owner", "alice", "bob");
        Assert.Equal("owner: alice, bob\n", (await RunAsync("roles")).Output);

        var none = await RunAsync("rollout", "pause", "nobodys");
        Assert.Equal(CommandLine.Usage, none.ExitCode);
        Assert.Contains("Registered Model with name=nobodys not found", none.Error);
    }

    [Fact]
    public async Task Json_is_one_object_a_line_and_the_run_at_the_end()
    {
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);

        var ended = await RunAsync("run", "p", "--json");

        var lines = ended.Output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var (run, tasks) = Parse(ended.Output);
        Assert.All(
            lines[..^1],
            l => Assert.Equal(("task", run.Id), (l.GetProperty("event").GetString(), l.GetProperty("run").GetString()))
        );
        Assert.Equal(5, lines.Count(l => l.TryGetProperty("task", out var t) && t.GetProperty("state").GetString() == "Succeeded"));
        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(5, tasks.Count);
    }

    [Fact]
    public async Task A_run_is_found_by_the_beginning_of_its_id_shown_and_its_logs_are_read()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  hello: {cmd: 'echo well met; echo > o', outs: [o]}\n  quiet: {cmd: 'true', deps: [o]}\n");
        var run = await RunAsync("run", "p");
        var id = run.Output.Split(' ')[1];

        var runs = await RunAsync("runs");
        var show = await RunAsync("runs", "show", id[..6]);
        var log = await RunAsync("logs", id[..6], "hello");
        var wrong = await RunAsync("logs", id, "hallo");

        Assert.Equal(
            ["run", "[1/2]", "[2/2]"],
            run.Output.Split('\n').Where(l => !l.Contains("running")).Take(3).Select(l => l.Split(' ')[0])
        );
        Assert.Contains(id, runs.Output);
        Assert.Contains("2 succeeded", runs.Output);
        Assert.Matches(@"hello +succeeded", show.Output);
        Assert.Contains("well met", log.Output);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("Its tasks are: hello, quiet.", wrong.Error);
    }

    [Fact]
    public async Task Retry_runs_what_failed_and_nothing_else()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  good: {cmd: 'echo good >> $TRACE'}\n  bad: {cmd: 'echo bad >> $TRACE; test -e $GATE'}\n");
        var first = await RunAsync("run", "p");
        OpenGate();

        var again = await RunAsync("retry", first.Output.Split(' ')[1], "--json");
        var finished = await RunAsync("retry", first.Output.Split(' ')[1]);

        Assert.Equal((1, 0), (first.ExitCode, again.ExitCode));
        Assert.Equal((1, 2), (Ran("good"), Ran("bad")));
        Assert.Equal("bad:Succeeded good:Succeeded", States(Parse(again.Output).Tasks));
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains("Only a pipeline run that failed", finished.Error);
    }

    [Fact]
    public async Task Cancel_ends_a_run_of_another_process_with_its_commands()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  slow: {cmd: 'echo slow >> $TRACE; sleep 300; echo late >> $TRACE'}\n");
        var driving = Start("run", "p");
        await RanAsync("slow");

        var cancel = await RunAsync("cancel", driving.Output.Split(' ')[1], "--reason", "wrong data");
        var ended = await driving.WaitAsync();

        Assert.Equal(0, cancel.ExitCode);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("KILLED", ended.Output);
        Assert.Contains("wrong data", ended.Output);
        Assert.Equal(0, Ran("late"));
    }

    [Theory]
    [InlineData(true, 0, "Succeeded")]
    [InlineData(false, 1, "Canceled")]
    public async Task An_approval_is_answered_from_another_process(bool isYes, int exitCode, string state)
    {
        Folder.Write("p/dvc.yaml", "stages:\n  ask: {cmd: 'echo ask >> $TRACE', approval: {message: Ship it?}}\n");
        var driving = Start("run", "p");
        await driving.SaysAsync("ask: waiting for approval: Ship it?");
        var id = driving.Output.Split(' ')[1];
        var store = new RunStore(await OpenStoreAsync(), TimeProvider.System);
        var run = await store.GetAsync(id);
        await Eventually.HoldsAsync(async () => (await TasksAsync(run)).Count == 1, () => "the record of the question");

        var wrong = await RunAsync("approve", id, "nothing");
        var answer = await RunAsync(["approve", id, "ask", .. isYes ? (string[])[] : ["--refuse", "--reason", "not today"]]);
        var ended = await driving.WaitAsync();

        Assert.Equal((2, 0), (wrong.ExitCode, answer.ExitCode));
        Assert.Contains("Tasks waiting in this run: ask", wrong.Error);
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Equal($"ask:{state}", States((await TasksAsync(run)).Values));
        Assert.Equal(isYes ? 1 : 0, Ran("ask"));
        Assert.Equal(!isYes, ended.Output.Contains("not today"));
    }
}
