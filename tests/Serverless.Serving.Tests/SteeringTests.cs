using Serverless.Core;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Tracking.Roles;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Tests;

/// <summary>What people do with a rollout.</summary>
public sealed class SteeringTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Baked = TimeSpan.FromMinutes(10);
    private static readonly Actor Bob = new("bob");

    [Fact]
    public async Task A_paused_rollout_stays_at_its_step_and_bakes_the_rest_when_it_goes_on()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        await bench.ServeAsync(4000);
        await bench.LookAsync(TimeSpan.FromMinutes(4));
        var paused = await bench.Controller.Steering.PauseAsync(Bench.Model, Bob, "the holidays");
        Assert.Equal((RolloutState.Paused, "the holidays"), (paused.State, paused.Reason));
        Assert.Equal(RolloutState.Paused, (await bench.Controller.Steering.PauseAsync(Bench.Model, Bob, null)).State);
        Assert.Equal((RolloutState.Paused, 1), Of(await bench.LookAsync(TimeSpan.FromHours(3))));
        Assert.Contains(2, await bench.ServeAsync(300));

        await bench.Controller.Steering.ResumeAsync(Bench.Model, Bob, null);
        Assert.Equal((RolloutState.Running, 1), Of(await bench.LookAsync(TimeSpan.FromMinutes(5))));
        Assert.Equal((RolloutState.Running, 2), Of(await bench.LookAsync(TimeSpan.FromMinutes(1))));
        Assert.Equal(["bob"], (await bench.HistoryAsync("rollout.paused")).Select(e => e.By));
        Assert.Equal(["bob"], (await bench.HistoryAsync("rollout.resumed")).Select(e => e.By));
    }

    [Fact]
    public async Task A_paused_rollout_is_still_watched()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        await bench.Controller.Steering.PauseAsync(Bench.Model, Bob, null);
        await bench.ServeAsync(4000, new Answers(ErrorRate: 0.2));

        Assert.Equal(RolloutState.RolledBack, (await bench.LookAsync()).State);
    }

    [Fact]
    public async Task Aborted_it_leaves_the_champion_and_the_version_where_they_are()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();

        var ended = await bench.Controller.Steering.AbortAsync(Bench.Model, Bob, "not today");

        Assert.Equal((RolloutState.Aborted, "not today"), (ended.State, ended.Reason));
        Assert.Equal((Stage.Production, Stage.Staging), (await bench.StageOfAsync(1), await bench.StageOfAsync(2)));
        var again = await Assert.ThrowsAsync<ServerlessException>(() => bench.Controller.Steering.AbortAsync(Bench.Model, Bob, null));
        Assert.Equal((409, "'churn' has no open rollout."), (again.Status, again.Message));
    }

    [Fact]
    public async Task Promoted_by_hand_and_rolled_back_by_hand_the_version_before_answers_again()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        Assert.Equal(RolloutState.Promoted, (await bench.Controller.Steering.PromoteAsync(Bench.Model, Bob, null)).State);
        Assert.Equal((Stage.Archived, Stage.Production), (await bench.StageOfAsync(1), await bench.StageOfAsync(2)));

        var back = await bench.Controller.Steering.RollBackAsync(Bench.Model, Bob, "customers complain");

        Assert.Equal((RolloutState.RolledBack, "customers complain"), (back.State, back.Reason));
        Assert.Equal((Stage.Production, Stage.Archived), (await bench.StageOfAsync(1), await bench.StageOfAsync(2)));
        Assert.Equal(("version 2", "version 1"), (await bench.HistoryAsync("rollout.reverted")).Select(e => (e.From, e.To)).Single());
        var nothing = await Assert.ThrowsAsync<ServerlessException>(() => bench.Controller.Steering.RollBackAsync(Bench.Model, Bob, null));
        Assert.Equal(ErrorCodes.InvalidState, nothing.Code);
    }

    [Fact]
    public async Task On_a_guarded_model_only_its_approvers_start_go_on_and_promote_and_everybody_may_stop()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.Registry.Models.SetTagAsync(Bench.Model, "serverless.production", "approver:alice, pipeline:churn", Bench.Alice);
        await Denied(() =>
            bench.Controller.StartAsync(
                new RolloutRequest
                {
                    Model = Bench.Model,
                    Version = 2,
                    By = Bob,
                }
            )
        );
        await bench.Controller.StartAsync(
            new RolloutRequest
            {
                Model = Bench.Model,
                Version = 2,
                By = new Actor("run 7", "churn"),
            }
        );
        await bench.Controller.Steering.PauseAsync(Bench.Model, Bob, null);
        await Denied(() => bench.Controller.Steering.ResumeAsync(Bench.Model, Bob, null));
        await Denied(() => bench.Controller.Steering.PromoteAsync(Bench.Model, Bob, null));
        await bench.Controller.Steering.ResumeAsync(Bench.Model, Bench.Alice, null);

        // The pipeline that started it answers for its end.
        for (var step = 1; step <= 3; step++)
        {
            await bench.ServeAsync(4000);
            await bench.LookAsync(Baked);
        }

        Assert.Equal(Stage.Production, await bench.StageOfAsync(2));

        static async Task Denied(Func<Task> act) => Assert.Equal(403, (await Assert.ThrowsAsync<ServerlessException>(act)).Status);
    }

    [Fact]
    public async Task A_role_says_yes_before_any_traffic_goes_over()
    {
        var bench = await Bench.OpenAsync(azurite);
        var waiting = await StartWithApprovalAsync(bench);
        Assert.Equal(RolloutState.WaitingForApproval, waiting.State);
        Assert.DoesNotContain(2, await bench.ServeAsync(500));

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.Controller.Steering.ApproveAsync(Bench.Model, Bob, "intern", true, null)
        );
        Assert.Equal((403, "The rollout of 'churn' is waiting for the role 'owner', not for 'intern'."), (wrong.Status, wrong.Message));

        bench.Time.Advance(TimeSpan.FromHours(1));
        var begun = await bench.Controller.Steering.ApproveAsync(Bench.Model, Bob, "owner", true, "fine");
        Assert.Equal(
            (RolloutState.Running, 1, "bob", bench.Time.GetUtcNow()),
            (begun.State, begun.Step, begun.ApprovedBy, begun.StepStartedAt)
        );
        Assert.Contains(2, await bench.ServeAsync(500));
        Assert.Contains("bob (owner) approved it: fine", (await bench.HistoryAsync("rollout.started")).Single().Why);
    }

    [Fact]
    public async Task A_no_and_no_answer_until_the_deadline_end_it()
    {
        var bench = await Bench.OpenAsync(azurite);
        await StartWithApprovalAsync(bench);
        Assert.Equal(
            "bob (owner) rejected it: not yet",
            (await bench.Controller.Steering.ApproveAsync(Bench.Model, Bob, "owner", false, "not yet")).Reason
        );

        await StartWithApprovalAsync(bench);
        Assert.Equal(RolloutState.WaitingForApproval, (await bench.LookAsync(TimeSpan.FromHours(47))).State);
        var ended = await bench.LookAsync(TimeSpan.FromHours(1));
        Assert.Equal((RolloutState.Aborted, "no member of role owner approved it within 2.00:00:00"), (ended.State, ended.Reason));

        // Too late, and no look came in between.
        await StartWithApprovalAsync(bench);
        bench.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(RolloutState.Aborted, (await bench.Controller.Steering.ApproveAsync(Bench.Model, Bob, "owner", true, null)).State);
        Assert.Equal(Stage.Production, await bench.StageOfAsync(1));
    }

    [Fact]
    public async Task A_role_that_was_given_to_people_is_theirs_alone_and_a_yes_without_steps_promotes_at_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        var roles = new RoleDirectory(bench.Store);
        await roles.SetAsync("owner", ["alice", "carol"]);
        await bench.Controller.StartAsync(
            new RolloutRequest
            {
                Model = Bench.Model,
                Version = 2,
                By = Bench.Alice,
                Plan = RolloutPlan.AtOnce,
                Approval = new ApprovalRule { Role = "owner" },
            }
        );

        var denied = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.Controller.Steering.ApproveAsync(Bench.Model, Bob, "owner", true, null)
        );
        Assert.Equal(
            (403, "'bob' does not have the role 'owner', which the rollout of 'churn' is waiting for."),
            (denied.Status, denied.Message)
        );
        Assert.Contains("alice, carol", denied.Fix);
        Assert.Equal(
            RolloutState.Promoted,
            (await bench.Controller.Steering.ApproveAsync(Bench.Model, new Actor("carol"), "owner", true, null)).State
        );
        Assert.Equal(Stage.Production, await bench.StageOfAsync(2));

        await roles.SetAsync("owner", []);
        Assert.Empty(await roles.ListAsync());
    }

    private static Task<Rollout> StartWithApprovalAsync(Bench bench) =>
        bench.Controller.StartAsync(
            new RolloutRequest
            {
                Model = Bench.Model,
                Version = 2,
                By = Bench.Alice,
                Approval = new ApprovalRule { Role = "owner", Deadline = TimeSpan.FromDays(2) },
            }
        );

    private static (RolloutState, int) Of(Rollout rollout) => (rollout.State, rollout.Step);
}
