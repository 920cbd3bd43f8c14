using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Engine;

public sealed class GraphTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    [Fact]
    public async Task Commands_hand_files_on_and_metrics_become_metrics_of_the_run()
    {
        Folder.Write("p/in.txt", "3\n");
        var outcome = await RunAsync(
            """
            stages:
              double: {cmd: 'echo $(( $(cat in.txt) * 2 )) > out.txt', deps: [in.txt], outs: [out.txt]}
              report:
                cmd: 'echo "{\"value\": $(cat out.txt), \"nested\": {\"n\": 1.5}, \"name\": \"x\"}" > m.json'
                deps: [out.txt]
                metrics: [m.json]
            """
        );

        Assert.Equal(RunStatus.Finished, outcome.Run.Status);
        Assert.Equal("double:Succeeded report:Succeeded", outcome.States);
        Assert.Equal(6, outcome.Run.Metrics["report.value"].Value);
        Assert.Equal(1.5, outcome.Run.Metrics["report.nested.n"].Value);
        Assert.Equal(2, outcome.Run.Metrics.Count);
    }

    [Fact]
    public async Task A_failing_task_stops_what_depends_on_it_and_nothing_else_and_finally_runs()
    {
        var outcome = await RunAsync(
            """
            stages:
              bad: {cmd: 'echo oops >&2; exit 3', outs: [a]}
              after: {cmd: 'cat a > b', deps: [a], outs: [b]}
              later: {cmd: 'cat b', deps: [b]}
              other: {cmd: 'echo > c', outs: [c]}
              last: {cmd: 'test ! -e a', deps: [a], finally: true}
            """
        );

        Assert.Equal(RunStatus.Failed, outcome.Run.Status);
        Assert.Equal("after:Skipped bad:Failed last:Succeeded later:Skipped other:Succeeded", outcome.States);
        var bad = outcome.Tasks["bad"];
        Assert.Equal(3, bad.Result.ExitCode);
        Assert.StartsWith("failed to run: echo oops >&2; exit 3, exited with 3", bad.Result.Error!.Message);
        Assert.Contains("oops", bad.Result.Error.Message);
        Assert.Contains("oops", await LogAsync(bad));
        Assert.Equal("'bad' failed", outcome.Tasks["after"].Result.Reason);
        Assert.Contains("bad:", outcome.Run.Error!.Message);
    }

    [Fact]
    public async Task Conditions_choose_by_outputs_metrics_and_parameters()
    {
        Folder.Write("p/params.yaml", "gate: {auc: 0.8}\nforce: false\n");
        var outcome = await RunAsync(
            """
            stages:
              score: {cmd: "echo '{\"auc\": 0.85}' > m.json", metrics: [m.json]}
              give: {uses: test/noop, with: {number: 7}}
              good: {cmd: 'true', when: score.auc >= params.gate.auc}
              bad: {cmd: 'true', when: score.auc < params.gate.auc or params.force}
              seven: {uses: test/noop, with: {number: {from: give.number}}, when: give.number == 7}
              below: {cmd: 'true', when: seven.number == 7 and give.path == 'give'}
              skipped: {uses: test/noop, with: {number: {from: eight.number}}}
              eight: {uses: test/noop, with: {number: 8}, when: give.number == 8}
            """
        );

        Assert.Equal(RunStatus.Finished, outcome.Run.Status);
        Assert.Equal(
            "bad:Skipped below:Succeeded eight:Skipped give:Succeeded good:Succeeded score:Succeeded seven:Succeeded skipped:Skipped",
            outcome.States
        );
        Assert.Contains("does not hold", outcome.Tasks["bad"].Result.Reason);
        Assert.Equal("'eight' was skipped", outcome.Tasks["skipped"].Result.Reason);
    }

    [Fact]
    public async Task A_flaky_task_is_tried_again_and_each_attempt_is_recorded()
    {
        var outcome = await RunAsync(
            """
            stages:
              flaky: {uses: test/flaky, with: {key: '{key}', failures: 2}, retry: {attempts: 3, backoff: 0.01}}
            """
        );

        Assert.Equal(RunStatus.Finished, outcome.Run.Status);
        Assert.Equal(3, outcome.Tasks["flaky"].Attempt);
        Assert.Equal(3, Trace.Count(Key));
    }

    [Fact]
    public async Task A_task_that_takes_too_long_is_killed_with_all_its_processes()
    {
        var outcome = await RunAsync(
            """
            stages:
              slow: {cmd: 'sleep 300 & echo $! > ../../../pid; wait', timeout: 3s}
            """
        );

        Assert.Equal(RunStatus.Failed, outcome.Run.Status);
        Assert.Equal(ErrorCodes.TaskTimedOut, outcome.Tasks["slow"].Result.Error!.Code);
        var pid = int.Parse(await File.ReadAllTextAsync(Folder.At("pid")));
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task Ready_tasks_run_side_by_side_up_to_the_limit()
    {
        var stages = string.Join('\n', Enumerable.Range(0, 6).Select(i => $"  g{i}: {{uses: test/gate, with: {{key: '{Key}{i}'}}}}"));
        Folder.Write("p/dvc.yaml", "stages:\n" + stages);
        var run = await Engine.SubmitAsync(DvcYaml.Read(Folder.At("p"), Catalog), parallelism: 3);
        var waiting = new SemaphoreSlim(0);
        var driving = Engine.DriveAsync(
            run,
            e =>
            {
                if (e.Task.State == TaskState.Running)
                {
                    waiting.Release();
                }
            }
        );

        for (var i = 0; i < 3; i++)
        {
            Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        Assert.False(waiting.Wait(0));
        for (var i = 0; i < 6; i++)
        {
            Trace.GateOf($"{Key}{i}").SetResult();
        }

        Assert.Equal(RunStatus.Finished, (await driving)!.Status);
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return !process.HasExited && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return false;
        }
    }
}
