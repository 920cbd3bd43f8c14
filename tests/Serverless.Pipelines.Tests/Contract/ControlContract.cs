using Serverless.Core;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Contract;

public abstract class ControlContract(AzuriteFixture azurite) : PipelineContract(azurite)
{
    private static ContractScript CancelWhen(string path, TaskState state) =>
        new() { Answer = (p, s) => p == path && s == state ? ContractScript.Cancel : null };

    [Fact]
    public async Task A_failing_task_is_tried_again_as_often_as_it_may()
    {
        var run = await RunAsync(
            Build.Step("third").With("fail", 2).Retry(3),
            Build.Step("after", "third"),
            Build.Step("never").With("fail", 9).Retry(2)
        );

        Ended(run, RunStatus.Failed, "after:Succeeded never:Failed third:Succeeded");
        Assert.Equal("after:1 never:2 third:3", World.Calls);
        Assert.Equal("never: failure 2", run.Error!.Message);
    }

    [Fact]
    public async Task A_failing_graph_is_tried_again_as_a_whole()
    {
        var inner = Graph("inner", Body(Build.Step("b").With("fail", 3).Retry(2))).Retry(2);
        var run = await RunAsync(Graph("g", Body(Build.Step("a"), inner, Build.Step("c", "inner"))).Retry(2), Build.Step("after", "g"));

        Ended(run, RunStatus.Finished, "after:Succeeded g/a:Succeeded g/c:Succeeded g/inner/b:Succeeded g/inner:Succeeded g:Succeeded");
        // Two attempts of `b` in each attempt of `inner`: the fourth succeeds, in the first attempt of `g`.
        Assert.Equal("after:1 g/a:1 g/c:1 g/inner/b:4", World.Calls);
    }

    [Fact]
    public async Task A_graph_whose_second_attempt_succeeds_has_run_everything_again()
    {
        var run = await RunAsync(Graph("g", Body(Build.Step("a"), Build.Step("b", "a").With("fail", 1))).Retry(2));

        Ended(run, RunStatus.Finished, "g/a:Succeeded g/b:Succeeded g:Succeeded");
        Assert.Equal("g/a:2 g/b:2", World.Calls);
    }

    [Fact]
    public async Task A_task_that_takes_too_long_is_stopped_and_may_be_tried_again()
    {
        var limit = TimeSpan.FromMilliseconds(30);
        var run = await RunAsync(
            Build.Step("slow").With("hang", true).Retry(2) with
            {
                Timeout = limit,
            },
            Build.Step("after", "slow"),
            // The machine may be too busy for a second attempt in so short a time, or for a third.
            Build.Step("better").With("hangs", 1).Retry(200) with
            {
                Timeout = limit,
            },
            Build.Step("next", "better")
        );

        Ended(run, RunStatus.Failed, "after:Skipped better:Succeeded next:Succeeded slow:Failed");
        Assert.Equal(ErrorCodes.TaskTimedOut, run.Tasks["slow"].Error!.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_approval_lets_the_task_run_or_not(bool isYes)
    {
        var asks = Build.Step("ask") with
        {
            Approval = new ApprovalSpec { Message = "Deploy?", Deadline = TimeSpan.FromHours(1) },
        };
        var run = await RunAsync(
            Pipeline(Build.Step("first"), Graph("g", Body(asks), "first"), Build.Step("after", "g")),
            new ContractScript
            {
                Answer = (path, state) =>
                    state != TaskState.WaitingForApproval ? null
                    : isYes ? ContractScript.Yes(path)
                    : ContractScript.No(path),
            }
        );

        Ended(
            run,
            isYes ? RunStatus.Finished : RunStatus.Failed,
            isYes
                ? "after:Succeeded first:Succeeded g/ask:Succeeded g:Succeeded"
                : "after:Skipped first:Succeeded g/ask:Canceled g:Canceled"
        );
        Assert.Equal(isYes ? "after:1 first:1 g/ask:1" : "first:1", World.Calls);
        if (!isYes)
        {
            Assert.Equal("rejected by boss: too early", run.Tasks["g/ask"].Reason);
            Assert.Equal("g/ask: rejected by boss: too early", run.Error!.Message);
        }
    }

    [Fact]
    public async Task No_answer_by_the_deadline_is_a_no()
    {
        var run = await RunAsync(
            Build.Step("ask") with
            {
                Approval = new ApprovalSpec { Deadline = TimeSpan.FromMilliseconds(20) },
            },
            Build.Step("free")
        );

        Ended(run, RunStatus.Failed, "ask:Canceled free:Succeeded");
        Assert.Equal("nobody approved within 00:00:00.0200000", run.Tasks["ask"].Reason);
    }

    [Fact]
    public async Task Cancel_stops_what_runs_and_what_waits_and_lets_the_end_run()
    {
        var run = await RunAsync(
            Pipeline(
                Build.Step("done"),
                Build.Step("slow", "done").With("hang", true),
                Build.Step("after", "slow"),
                Build.Step("ask") with
                {
                    Approval = new ApprovalSpec { Deadline = TimeSpan.FromHours(1) },
                },
                Graph("each", Body(Build.Step("x", "y"), Build.Step("y").With("hang", true)), "done").For(Of(new[] { 1, 2, 3 }), 1),
                Graph("end", Body(Build.Step("one"), Build.Step("two", "one"))).Last(),
                Build.Step("end2").With("fail", 1).Retry(2).Last()
            ),
            CancelWhen("slow", TaskState.Running)
        );

        Assert.Equal(RunStatus.Killed, run.Status);
        Assert.Equal("The run was cancelled by boss: wrong data.", run.Error!.Message);
        var canceled = run.Tasks.Where(t => t.Value.State == TaskState.Canceled).Select(t => t.Key).Order(StringComparer.Ordinal);
        Assert.Equal("after ask each each[0] each[0]/x each[0]/y each[1] each[2] slow", string.Join(' ', canceled));
        Assert.DoesNotContain(run.Tasks.Keys, k => k.StartsWith("each[1]/", StringComparison.Ordinal));
        Assert.Equal(
            (TaskState.Succeeded, TaskState.Succeeded, TaskState.Succeeded, TaskState.Succeeded),
            (run.Tasks["done"].State, run.Tasks["end/one"].State, run.Tasks["end/two"].State, run.Tasks["end2"].State)
        );
        Assert.Equal(2, World.CallsByPath()["end2"]);
    }

    [Fact]
    public async Task Cancel_ends_the_pause_between_two_attempts()
    {
        var run = await RunAsync(
            Pipeline(Build.Step("bad").With("fail", 9).Retry(5, TimeSpan.FromHours(5).TotalMilliseconds), Build.Step("after", "bad")),
            CancelWhen("bad", TaskState.Failed)
        );

        Assert.Equal(RunStatus.Killed, run.Status);
        Assert.Equal((TaskState.Failed, TaskState.Canceled), (run.Tasks["bad"].State, run.Tasks["after"].State));
        Assert.Equal("bad:1", World.Calls);
    }

    [Fact]
    public async Task A_cancel_during_the_end_does_not_stop_it()
    {
        var run = await RunAsync(
            Pipeline(Build.Step("a"), Build.Step("end").Last(), Graph("end2", Body(Build.Step("x", "y"), Build.Step("y")), "end").Last()),
            CancelWhen("end", TaskState.Running)
        );

        Ended(run, RunStatus.Killed, "a:Succeeded end2/x:Succeeded end2/y:Succeeded end2:Succeeded end:Succeeded");
    }
}
