using Serverless.Core;
using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Engine;

public sealed class ControlTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    [Fact]
    public async Task Cancel_kills_what_runs_skips_the_rest_and_lets_finally_run()
    {
        var run = await SubmitAsync(
            """
            stages:
              slow: {cmd: 'sleep 300', outs: [a]}
              after: {cmd: 'cat a', deps: [a]}
              last: {uses: test/noop, with: {key: '{key}'}, finally: true}
            """
        );
        var started = new TaskCompletionSource();
        var driving = Engine.DriveAsync(
            run,
            e =>
            {
                if (e.Task is { Path: "slow", State: TaskState.Running })
                {
                    started.TrySetResult();
                }
            }
        );
        await started.Task;

        // Another host's engine: it does not hold the lease, so it leaves the signal.
        await NewEngine().CancelAsync(run, "wrong data");
        var outcome = await OutcomeAsync((await driving)!);

        Assert.Equal(RunStatus.Killed, outcome.Run.Status);
        Assert.Equal("after:Canceled last:Succeeded slow:Canceled", outcome.States);
        Assert.Contains("wrong data", outcome.Run.Error!.Message);
        Assert.Equal(1, Trace.Count(Key));
    }

    [Fact]
    public async Task A_run_that_nobody_drives_is_ended_by_the_one_who_cancels_it()
    {
        var run = await SubmitAsync("stages:\n  a: {uses: test/noop, with: {key: '{key}'}}");

        var ended = await Engine.CancelAsync(run);

        Assert.Equal(RunStatus.Killed, ended.Status);
        Assert.Empty(await Engine.Runs.ListOpenAsync());
        var again = await Assert.ThrowsAsync<ServerlessException>(() => Engine.CancelAsync(ended));
        Assert.Equal(409, again.Status);
    }

    [Fact]
    public async Task Retry_runs_only_what_failed_and_what_hung_on_it()
    {
        const string yaml = """
            stages:
              good: {uses: test/noop, with: {key: '{key}good'}}
              flaky: {uses: test/flaky, with: {key: '{key}', failures: 1, out: o}}
              after: {cmd: 'cat o', deps: [o]}
            """;
        var first = await RunAsync(yaml);
        Assert.Equal("after:Skipped flaky:Failed good:Succeeded", first.States);

        var retried = await Engine.RetryAsync(first.Run);
        var second = await DriveAsync(retried);

        Assert.Equal(first.Run.Id, second.Run.Id);
        Assert.Equal(RunStatus.Finished, second.Run.Status);
        Assert.Equal("after:Succeeded flaky:Succeeded good:Succeeded", second.States);
        Assert.Equal(1, Trace.Count(Key + "good"));
        Assert.Equal(2, Trace.Count(Key));
        var e = await Assert.ThrowsAsync<ServerlessException>(() => Engine.RetryAsync(second.Run));
        Assert.Equal(ErrorCodes.InvalidState, e.Code);
    }

    [Theory]
    [InlineData(true, "ask:Succeeded next:Succeeded", RunStatus.Finished)]
    [InlineData(false, "ask:Canceled next:Skipped", RunStatus.Failed)]
    public async Task An_approval_waits_for_an_answer(bool isYes, string states, RunStatus status)
    {
        var run = await SubmitAsync(
            """
            stages:
              ask: {cmd: 'echo > o', outs: [o], approval: {message: Deploy?}}
              next: {cmd: 'cat o', deps: [o]}
            """
        );
        var waits = new TaskCompletionSource();
        var driving = Engine.DriveAsync(
            run,
            e =>
            {
                if (e.Task.State == TaskState.WaitingForApproval)
                {
                    waits.TrySetResult();
                }
            }
        );
        await waits.Task;
        await Engine.SignalAsync(run, new Signal(Signal.Approval("ask"), isYes, "boss", "because", DateTimeOffset.UnixEpoch));
        var outcome = await OutcomeAsync((await driving)!);

        Assert.Equal(states, outcome.States);
        Assert.Equal(status, outcome.Run.Status);
        if (!isYes)
        {
            Assert.Equal("rejected by boss: because", outcome.Tasks["ask"].Result.Reason);
        }
    }

    [Fact]
    public async Task An_approval_for_a_role_is_refused_to_others()
    {
        var run = await SubmitAsync("stages:\n  ask: {cmd: 'true', approval: {role: owner}}");
        var driving = Engine.DriveAsync(run);
        await Testing.Eventually.HoldsAsync(
            async () => (await Engine.ListTasksAsync(run)).Any(t => t.State == TaskState.WaitingForApproval),
            () => "the task waits"
        );

        foreach (var role in new[] { null, "intern" })
        {
            var denied = await Assert.ThrowsAsync<ServerlessException>(() => Engine.ApproveAsync(run, "ask", true, null, "bob", role));
            Assert.Equal((403, "Answer in that role: --role owner."), (denied.Status, denied.Fix));
        }

        await Engine.ApproveAsync(run, "ask", false, "not today", "alice", "owner");
        var outcome = await OutcomeAsync((await driving)!);
        Assert.Equal("rejected by alice (owner): not today", outcome.Tasks["ask"].Result.Reason);
    }

    [Fact]
    public async Task No_answer_by_the_deadline_is_a_no()
    {
        var outcome = await RunAsync("stages:\n  ask: {cmd: 'true', approval: {deadline: 0.2s}}");

        Assert.Equal("ask:Canceled", outcome.States);
        Assert.Contains("nobody approved", outcome.Tasks["ask"].Result.Reason);
    }

    [Fact]
    public async Task Two_hosts_never_both_drive_a_run()
    {
        var run = await SubmitAsync("stages:\n  a: {uses: test/gate, with: {key: '{key}'}}");
        var started = new TaskCompletionSource();
        var first = Engine.DriveAsync(run, _ => started.TrySetResult());
        await started.Task;

        var second = await NewEngine().DriveAsync(run);
        Trace.GateOf(Key).SetResult();

        Assert.Null(second);
        Assert.Equal(RunStatus.Finished, (await first)!.Status);
        Assert.Equal(1, Trace.Count(Key));
    }

    [Fact]
    public async Task A_host_that_stops_leaves_the_run_and_another_goes_on_without_running_anything_twice()
    {
        var run = await SubmitAsync(
            """
            stages:
              a: {uses: test/noop, with: {key: '{key}a'}}
              b: {uses: test/gate, with: {key: '{key}'}, deps: []}
              c: {uses: test/noop, with: {key: '{key}c', after: {from: a.path}}, always_changed: true}
            """
        );
        using var stop = new CancellationTokenSource();
        var done = new TaskCompletionSource();
        var waits = new TaskCompletionSource();
        var first = Engine.DriveAsync(
            run,
            e =>
            {
                _ = e.Task is { Path: "c", State: TaskState.Succeeded } && done.TrySetResult();
                _ = e.Task is { Path: "b", State: TaskState.Running } && waits.TrySetResult();
            },
            stop.Token
        );
        await Task.WhenAll(done.Task, waits.Task);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Trace.GateOf(Key).SetResult();
        var open = await Engine.Runs.ListOpenAsync();
        var ended = await NewEngine().DriveAsync(Assert.Single(open));

        Assert.Equal(RunStatus.Finished, ended!.Status);
        Assert.Equal("a:Succeeded b:Succeeded c:Succeeded", (await OutcomeAsync(ended)).States);
        Assert.Equal(1, Trace.Count(Key + "a"));
        Assert.Equal(1, Trace.Count(Key + "c"));
        Assert.Equal(2, Trace.Count(Key));
        Assert.Empty(await Engine.Runs.ListOpenAsync());
    }
}
