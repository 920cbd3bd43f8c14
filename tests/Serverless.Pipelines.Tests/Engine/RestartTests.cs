using Serverless.Core;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Pipelines.Tests.Properties;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Engine;

/// <summary>What a host finds that goes on with another one's run: timers, deadlines, answers, cancels.</summary>
public sealed class RestartTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_pause_before_another_attempt_goes_on_where_it_was()
    {
        var run = await SubmitAsync(
            "stages:\n  a: {uses: test/flaky, with: {key: '{key}', failures: 1}, retry: {attempts: 2, backoff: 3600}}"
        );
        await StopWhenTimerIsSetAsync(run);

        // An hour later there is nothing left to wait for.
        var ended = await NewEngine(new ShiftedTime(TimeSpan.FromHours(1))).DriveAsync(run).WaitAsync(Patience);

        Assert.Equal(RunStatus.Finished, ended!.Status);
        Assert.Equal(2, Trace.Count(Key));
    }

    [Fact]
    public async Task A_deadline_that_passed_while_no_host_ran_is_a_no()
    {
        var run = await SubmitAsync("stages:\n  ask: {cmd: 'true', approval: {deadline: 1h}}");
        await StopWhenTimerIsSetAsync(run);

        var ended = await NewEngine(new ShiftedTime(TimeSpan.FromHours(2))).DriveAsync(run).WaitAsync(Patience);

        Assert.Equal("ask:Canceled", (await OutcomeAsync(ended!)).States);
    }

    [Theory]
    [InlineData(30, "ask:Succeeded")]
    [InlineData(90, "ask:Canceled")]
    public async Task An_answer_counts_by_the_time_it_was_given(int minutes, string states)
    {
        var run = await SubmitAsync("stages:\n  ask: {cmd: 'true', approval: {deadline: 1h}}");
        await StopWhenTimerIsSetAsync(run);
        await Engine.SignalAsync(
            run,
            new Signal(Signal.Approval("ask"), true, "boss", null, TimeProvider.System.GetUtcNow().AddMinutes(minutes))
        );

        var ended = await NewEngine(new ShiftedTime(TimeSpan.FromHours(2))).DriveAsync(run).WaitAsync(Patience);

        Assert.Equal(states, (await OutcomeAsync(ended!)).States);
    }

    [Fact]
    public async Task An_approved_task_keeps_its_record_and_nobody_is_asked_twice()
    {
        var run = await SubmitAsync(
            """
            stages:
              ask: {uses: test/noop, with: {key: '{key}ask'}, approval: {message: Really?}}
              gate: {uses: test/gate, with: {key: '{key}'}, when: ask.path == 'ask'}
            """
        );
        await Engine.SignalAsync(run, ContractScript.Yes("ask"));
        await StopWhenAsync(run, "gate", TaskState.Running);
        var waiting = 0;

        Trace.GateOf(Key).SetResult();
        var ended = await NewEngine().DriveAsync(run, e => waiting += e.Task.State == TaskState.WaitingForApproval ? 1 : 0);

        Assert.Equal("ask:Succeeded gate:Succeeded", (await OutcomeAsync(ended!)).States);
        Assert.Equal(0, waiting);
        Assert.Equal(1, Trace.Count(Key + "ask"));
    }

    [Fact]
    public async Task A_cancel_that_came_while_no_host_ran_undoes_nothing_and_starts_nothing()
    {
        var run = await SubmitAsync(
            """
            stages:
              done: {uses: test/noop, with: {key: '{key}done'}}
              gate: {uses: test/gate, with: {key: '{key}'}, when: done.path == 'done'}
              other: {uses: test/noop, with: {key: '{key}other'}, when: gate.x == 1}
              last: {uses: test/noop, with: {key: '{key}last'}, finally: true}
            """
        );
        await StopWhenAsync(run, "gate", TaskState.Running);

        var ended = await NewEngine().CancelAsync(run);

        Assert.Equal(RunStatus.Killed, ended.Status);
        Assert.Equal("done:Succeeded gate:Canceled last:Succeeded other:Canceled", (await OutcomeAsync(ended)).States);
        Assert.Equal((1, 0, 1), (Trace.Count(Key + "done"), Trace.Count(Key + "other"), Trace.Count(Key + "last")));
        Assert.InRange(Trace.Count(Key), 0, 1);
        Assert.Equal(2, ended.Pipeline!.Tasks["Succeeded"]);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_anybody_drives_it_starts_nothing()
    {
        var run = await SubmitAsync("stages:\n  a: {uses: test/noop, with: {key: '{key}'}}");

        var ended = await Engine.CancelAsync(run);

        Assert.Equal(RunStatus.Killed, ended.Status);
        Assert.Equal("a:Canceled", (await OutcomeAsync(ended)).States);
        Assert.Equal(0, Trace.Count(Key));
    }

    [Fact]
    public async Task A_retried_run_keeps_what_succeeded_and_runs_its_end_again()
    {
        var run = await SubmitAsync(
            """
            stages:
              good: {uses: test/noop, with: {key: '{key}good'}, approval: {message: Go?}}
              flaky: {uses: test/flaky, with: {key: '{key}', failures: 3}, retry: {attempts: 2, backoff: 0.001}}
              last: {uses: test/noop, with: {key: '{key}last'}, finally: true, always_changed: true}
            """
        );
        await Engine.SignalAsync(run, ContractScript.Yes("good"));
        var first = await DriveAsync(run);
        Assert.Equal("flaky:Failed good:Succeeded last:Succeeded", first.States);
        Assert.Equal(2, first.Tasks["flaky"].Attempt);

        var retried = await Engine.RetryAsync(first.Run);
        var second = await DriveAsync(retried).WaitAsync(Patience);

        Assert.Equal("flaky:Succeeded good:Succeeded last:Succeeded", second.States);
        Assert.Equal((2, 2), (second.Run.Pipeline!.Generation, second.Tasks["flaky"].Attempt));
        Assert.Equal((1, 4, 2), (Trace.Count(Key + "good"), Trace.Count(Key), Trace.Count(Key + "last")));
        await Assert.ThrowsAsync<ServerlessException>(() => Engine.RetryAsync(second.Run));
    }

    [Fact]
    public async Task A_run_whose_definition_is_gone_ends_with_the_reason()
    {
        var run = await SubmitAsync("stages:\n  a: {uses: test/noop}");
        await Store.Content.DeleteAsync(run.Pipeline!.DefinitionDigest);

        var ended = await Engine.DriveAsync(run);

        Assert.Equal(RunStatus.Failed, ended!.Status);
        Assert.Equal(ErrorCodes.ResourceDoesNotExist, ended.Error!.Code);
        Assert.Empty(await Engine.Runs.ListOpenAsync());
    }

    private async Task StopWhenAsync(Run run, string path, TaskState state)
    {
        using var stop = new CancellationTokenSource();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var driving = Engine.DriveAsync(run, e => _ = e.Task.Path == path && e.Task.State == state && reached.TrySetResult(), stop.Token);
        await reached.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driving);
    }

    private async Task StopWhenTimerIsSetAsync(Run run)
    {
        using var stop = new CancellationTokenSource(Patience);
        var driving = Engine.DriveAsync(run, null, stop.Token);
        while (
            !await Store
                .Runs.QueryAsync(Engine.Runs.Keys.Experiment(run.ExperimentId), RunKeys.Timers(run.Id), stop.Token)
                .AnyAsync(stop.Token)
        ) { }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driving);
    }
}
