using Serverless.Core;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Tests;

/// <summary>The ways a rollout can go, on a real store, with a clock that the test turns.</summary>
public sealed class RolloutTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Baked = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_good_challenger_takes_5_then_25_then_100_percent_and_goes_to_Production()
    {
        var bench = await Bench.OpenAsync(azurite);
        var begun = await bench.StartAsync();
        Assert.Equal((RolloutState.Running, 1, 0.05), (begun.State, begun.Step, begun.Traffic));
        Assert.Equal(Stage.Staging, await bench.StageOfAsync(2));

        var shares = new List<double>();
        for (var step = 1; step <= 3; step++)
        {
            var answered = await bench.ServeAsync(3000);
            shares.Add(answered.Count(v => v == 2) / 3000.0);

            Assert.Equal((RolloutState.Running, step), Of(await bench.LookAsync(Baked - TimeSpan.FromSeconds(1))));
            await bench.LookAsync(TimeSpan.FromSeconds(1));
        }

        var ended = await bench.Controller.Rollouts.GetLatestAsync(Bench.Model);
        Assert.Equal(RolloutState.Promoted, ended.State);
        Assert.InRange(shares[0], 0.03, 0.07);
        Assert.InRange(shares[1], 0.2, 0.3);
        Assert.Equal(1, shares[2]);
        Assert.Equal((Stage.Archived, Stage.Production), (await bench.StageOfAsync(1), await bench.StageOfAsync(2)));
        Assert.Equal(
            [("0 %", "5 %"), ("5 %", "25 %"), ("25 %", "100 %"), ("100 %", "Production")],
            (await bench.Registry.ListAuditAsync(Bench.Model))
                .Where(e => e.Action.StartsWith("rollout.", StringComparison.Ordinal))
                .Reverse()
                .Select(e => (e.From!, e.To!))
        );
        Assert.All(await bench.ServeAsync(50), v => Assert.Equal(2, v));
        Assert.Empty(await bench.Controller.Rollouts.ListOpenAsync());
    }

    [Fact]
    public async Task A_key_stays_with_the_challenger_when_a_step_grows_and_with_its_version_within_one()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        var first = await bench.ServeAsync(2000, keyOf: i => $"customer-{i}");
        Assert.Equal(first, await bench.ServeAsync(2000, keyOf: i => $"customer-{i}"));
        await bench.LookAsync(Baked);

        var second = await bench.ServeAsync(2000, keyOf: i => $"customer-{i}");

        Assert.True(second.Count(v => v == 2) > 2 * first.Count(v => v == 2));
        Assert.All(Enumerable.Range(0, 2000).Where(i => first[i] == 2), i => Assert.Equal(2, second[i]));
    }

    [Fact]
    public async Task A_challenger_that_fails_more_often_is_rolled_back_with_the_numbers()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        await bench.ServeAsync(4000, new Answers(ErrorRate: 0.15));

        var ended = await bench.LookAsync();

        Assert.Equal(RolloutState.RolledBack, ended.State);
        Assert.Matches(
            @"^error rate 1\d(\.\d+)? % of \d+ of version 2, 0 % of \d+ of version 1 "
                + @"\(always-valid p = less than 0\.0001, against 0\.0125\)$",
            ended.Reason
        );
        Assert.Equal((Stage.Production, Stage.Archived), (await bench.StageOfAsync(1), await bench.StageOfAsync(2)));
        Assert.All(await bench.ServeAsync(50), v => Assert.Equal(1, v));
        var entry = (await bench.HistoryAsync("rollout.rolled_back")).Single();
        Assert.Equal(("5 %", "0 %", ended.Reason, RolloutController.Self), (entry.From, entry.To, entry.Why, entry.By));
    }

    [Fact]
    public async Task One_that_is_slower_or_refuses_what_the_champion_takes_is_rolled_back()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        await bench.ServeAsync(4000, new Answers(Milliseconds: 4));
        Assert.Matches("^latency (3|4)", (await bench.LookAsync()).Reason!);

        await bench.StartAsync();
        await bench.ServeAsync(4000, new Answers(RejectionRate: 0.2));
        Assert.StartsWith("share of rejected requests", (await bench.LookAsync()).Reason);

        await bench.StartAsync(Bench.Plan with { Latency = new LatencyRule { Margin = 2 } });
        await bench.ServeAsync(4000, new Answers(Milliseconds: 4));
        Assert.Equal(RolloutState.Running, (await bench.LookAsync()).State);
    }

    [Fact]
    public async Task With_all_traffic_errors_are_held_against_what_the_champion_had_before()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync(Bench.Plan with { Breaker = new BreakerRule { ErrorRate = 1 } });
        await bench.ServeAsync(3000);
        await bench.LookAsync(Baked);
        await bench.ServeAsync(3000);
        Assert.Equal(3, (await bench.LookAsync(Baked)).Step);
        await bench.ServeAsync(500, new Answers(ErrorRate: 0.1));

        var ended = await bench.LookAsync();

        Assert.Equal(RolloutState.RolledBack, ended.State);
        Assert.Contains("with all traffic, version 1 had at most 0.", ended.Reason);
    }

    [Fact]
    public async Task A_broken_version_trips_the_breaker_before_anybody_looks()
    {
        var bench = await Bench.OpenAsync(azurite);
        var woken = 0;
        bench.One.Monitor.Tripped += () => woken++;
        await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });

        var answered = await bench.ServeAsync(200, new Answers(ErrorRate: 1));

        // In memory at once; the store learns of it with the next write.
        Assert.Equal(20, answered.Count(v => v == 2));
        Assert.Equal(1, woken);
        Assert.Equal(RolloutState.Running, (await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).State);
        await bench.One.Monitor.FlushAsync();
        var ended = await bench.Controller.Rollouts.GetLatestAsync(Bench.Model);
        Assert.Equal(
            (RolloutState.RolledBack, "20 of the last 20 responses of version 2 failed, the breaker's limit is 50 %"),
            (ended.State, ended.Reason)
        );
        Assert.Single(await bench.HistoryAsync("rollout.rolled_back"));
    }

    [Fact]
    public async Task Rejections_never_trip_the_breaker_and_neither_do_a_few_failures()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });
        var isTripped = false;
        bench.One.Monitor.Tripped += () => isTripped = true;

        await bench.ServeAsync(1000, new Answers(ErrorRate: 0.1, RejectionRate: 0.9));
        Assert.True(isTripped);

        var calm = await Bench.OpenAsync(azurite);
        await calm.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });
        calm.One.Monitor.Tripped += () => throw new InvalidOperationException("tripped");
        await calm.ServeAsync(400, new Answers(RejectionRate: 1));
        await calm.ServeAsync(400, new Answers(ErrorRate: 0.05));
    }

    [Fact]
    public async Task Traffic_that_is_not_shared_as_planned_ends_the_rollout()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });

        // Of the challenger's answers every third is lost on its way.
        var count = 0;
        await bench.ServeAsync(4000, isSeen: version => version == 1 || ++count % 3 != 0);

        var ended = await bench.LookAsync();
        Assert.Equal(RolloutState.RolledBack, ended.State);
        Assert.StartsWith("the traffic was not split as planned: ", ended.Reason);
    }

    [Fact]
    public async Task One_caller_who_asks_all_the_time_counts_no_more_than_a_hundred_times()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });
        await bench.ServeAsync(3000, keyOf: _ => "batch-job");
        await bench.LookAsync();

        var step = (await bench.Controller.Rollouts.CountsAsync((await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).Id)).Of(1);

        Assert.Equal((100, 1), (step.Champion.Requests + step.Challenger.Requests, step.Champion.Keys + step.Challenger.Keys));
    }

    [Fact]
    public async Task A_step_waits_for_its_requests_however_long_it_bakes_and_the_deadline_ends_it()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync(Bench.Plan with { Deadline = TimeSpan.FromHours(5) });
        await bench.ServeAsync(500);

        var waiting = await bench.LookAsync(TimeSpan.FromHours(4));
        Assert.Equal((RolloutState.Running, 1), Of(waiting));
        Assert.Matches(@"^waiting for requests: version 2 has \d+ of 100 responses in this step$", waiting.Look!.Reason);

        var ended = await bench.LookAsync(TimeSpan.FromHours(1));
        Assert.Equal((RolloutState.RolledBack, "it did not complete within 5 h"), (ended.State, ended.Reason));
    }

    [Fact]
    public async Task Without_a_champion_there_is_nothing_to_compare_with()
    {
        var bench = await Bench.OpenAsync(azurite, hasChampion: false);

        var ended = await bench.StartAsync();

        Assert.Equal((RolloutState.Promoted, "there is no version in Production to compare with"), (ended.State, ended.Reason));
        Assert.Equal(Stage.Production, await bench.StageOfAsync(2));
        Assert.Empty(await bench.Controller.Rollouts.ListOpenAsync());
    }

    [Fact]
    public async Task Who_starts_the_same_rollout_again_gets_the_open_one_and_another_version_has_to_wait()
    {
        var bench = await Bench.OpenAsync(azurite);
        var first = await bench.StartAsync();
        Assert.Equal(first.Id, (await bench.StartAsync()).Id);
        await bench.Registry.Versions.CreateAsync(new CreateVersionRequest { Name = Bench.Model, Source = "s3://models/3" }, Bench.Alice);

        var refused = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.Controller.StartAsync(
                new RolloutRequest
                {
                    Model = Bench.Model,
                    Version = 3,
                    By = Bench.Alice,
                }
            )
        );
        Assert.Equal((409, ErrorCodes.ResourceConflict), (refused.Status, refused.Code));

        await bench.Controller.Steering.AbortAsync(Bench.Model, Bench.Alice, null);
        var moved = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.Controller.StartAsync(
                new RolloutRequest
                {
                    Model = Bench.Model,
                    Version = 3,
                    ComparedWith = 7,
                    By = Bench.Alice,
                }
            )
        );
        Assert.Contains("version 1 went to Production after version 3 was compared with version 7", moved.Message);
    }

    [Fact]
    public async Task Another_version_in_Production_ends_the_rollout_and_answers_at_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync();
        await bench.Registry.Versions.CreateAsync(new CreateVersionRequest { Name = Bench.Model, Source = "s3://models/3" }, Bench.Alice);
        await bench.PromoteAsync(3);

        Assert.All(await bench.ServeAsync(100), v => Assert.Equal(3, v));
        var ended = await bench.LookAsync();
        Assert.Equal((RolloutState.Aborted, "version 3 went to Production meanwhile"), (ended.State, ended.Reason));
    }

    [Fact]
    public async Task A_model_that_is_renamed_goes_on_and_one_that_is_deleted_ends_its_rollout()
    {
        var bench = await Bench.OpenAsync(azurite);
        var begun = await bench.StartAsync();
        await bench.Registry.Models.RenameAsync(Bench.Model, "leavers", Bench.Alice);
        bench.Time.Advance(TimeSpan.FromDays(8));

        var looked = (await bench.Controller.LookAsync(bench.Time.GetUtcNow())).Single();
        Assert.Equal((RolloutState.RolledBack, "leavers"), (looked.State, looked.Model));

        await bench.Controller.StartAsync(
            new RolloutRequest
            {
                Model = "leavers",
                Version = 2,
                By = Bench.Alice,
            }
        );
        await bench.Registry.Models.DeleteAsync("leavers", Bench.Alice);
        Assert.Equal("the model was deleted", (await bench.Controller.LookAsync(bench.Time.GetUtcNow())).Single().Reason);
        Assert.Empty(await bench.Controller.Rollouts.ListOpenAsync());
        Assert.NotEqual(begun.Id, looked.Reason);
    }

    private static (RolloutState, int) Of(Rollout rollout) => (rollout.State, rollout.Step);
}
