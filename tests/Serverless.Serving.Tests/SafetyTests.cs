using Serverless.Automation.Alerts;
using Serverless.Monitoring.Sequential;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Tests;

/// <summary>Two hosts, repeated writes, hosts that die and come back late: each change happens once, and nothing counts twice.</summary>
public sealed class SafetyTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Baked = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Controllers_that_look_at_the_same_time_take_each_step_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        var hosts = Enumerable.Range(0, 4).Select(_ => bench.AnotherHost()).ToList();
        await bench.StartAsync();
        for (var step = 1; step <= 3; step++)
        {
            await bench.ServeAsync(4000);
            await bench.One.Monitor.FlushAsync();
            bench.Time.Advance(Baked);
            await Task.WhenAll(hosts.Select(h => h.Controller.LookAsync(bench.Time.GetUtcNow())));
            await bench.Registry.Models.FindAsync(Bench.Model);
        }

        Assert.Equal(RolloutState.Promoted, (await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).State);
        Assert.Equal(["25 %", "100 %"], (await bench.HistoryAsync("rollout.step")).Select(e => e.To));
        Assert.Single(await bench.HistoryAsync("rollout.promoted"));
        Assert.Equal(
            [(1, "Production"), (1, "Archived"), (2, "Production"), (2, "Staging")],
            (await bench.HistoryAsync("transition"))
                .Select(e => (e.Version, e.To!))
                .OrderBy(t => t.Version)
                .ThenBy(t => t.Item2 == "Production" ? 0 : 1)
        );
    }

    [Fact]
    public async Task A_host_that_looked_before_it_stalled_changes_nothing_afterwards()
    {
        var bench = await Bench.OpenAsync(azurite);
        var late = bench.AnotherHost();
        await bench.StartAsync();
        await bench.ServeAsync(4000);
        await bench.One.Monitor.FlushAsync();
        bench.Time.Advance(Baked);
        var seenByLate = (await late.Controller.Rollouts.ListOpenAsync()).Single();

        await bench.LookAsync();
        var after = await late.Controller.LookAsync(seenByLate, bench.Time.GetUtcNow());

        Assert.Equal(2, (await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).Step);
        Assert.Equal(1, after.Step);
        Assert.Single(await bench.HistoryAsync("rollout.step"));
    }

    [Fact]
    public async Task Stage_history_split_and_alert_of_a_promotion_are_there_together_or_not_at_all()
    {
        var bench = await Bench.OpenAsync(azurite);
        await using var hook = await Webhook.StartAsync();
        await bench.StartAsync(
            Bench.Plan with
            {
                Steps = [new() { Traffic = 1 }],
                Bake = TimeSpan.Zero,
                Quality = new QualityRule(),
            },
            new AlertTarget { Webhook = hook.Address, On = ["rollout.promoted"] }
        );
        await bench.ServeAsync(200);
        await bench.One.Monitor.FlushAsync();
        var dying = bench.AnotherHost();
        dying.Controller.Losses = new Dying();

        // The host dies between the look and the write.
        await Assert.ThrowsAsync<OperationCanceledException>(() => dying.Controller.LookAsync(bench.Time.GetUtcNow()));
        Assert.Equal(Stage.Staging, await bench.StageOfAsync(2));
        Assert.Empty(await bench.HistoryAsync("rollout.promoted"));
        Assert.Empty(await bench.Controller.Outbox.ListPendingAsync());

        // The next one finds it as it was, and does all of it.
        await bench.AnotherHost().Controller.LookAsync(bench.Time.GetUtcNow());
        var state = (await bench.Registry.Models.FindAsync(Bench.Model))!;
        Assert.Equal((Stage.Production, null), (state.Find(2)!.Stage, state.Model.Split));
        Assert.Single(await bench.HistoryAsync("rollout.promoted"));
        Assert.Equal("rollout.promoted", (await bench.Controller.Outbox.ListPendingAsync()).Single().Alert.Event);
    }

    [Fact]
    public async Task What_hosts_count_adds_up_and_a_write_that_is_repeated_counts_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        var rollout = await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });
        var other = bench.AnotherHost();
        await bench.ServeAsync(300);
        await bench.ServeAsync(200, host: other);
        for (var i = 0; i < 3; i++)
        {
            await bench.One.Monitor.FlushAsync();
            await other.Monitor.FlushAsync();
        }

        await bench.ServeAsync(100);
        await bench.One.Monitor.FlushAsync();

        var counts = await bench.Controller.Rollouts.CountsAsync(rollout.Id);
        Assert.Equal(2, counts.Hosts.Count);
        Assert.Equal(600, counts.Of(1).Champion.Requests + counts.Of(1).Challenger.Requests);
        Assert.Equal(600, counts.Of(1).Champion.LogLatency.Count + counts.Of(1).Challenger.LogLatency.Count);
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_with_the_next_turn()
    {
        var bench = await Bench.OpenAsync(azurite);
        var rollout = await bench.StartAsync();
        await bench.ServeAsync(100);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.One.Monitor.FlushAsync(cancelled.Token));

        await bench.ServeAsync(50);
        await bench.One.Monitor.FlushAsync();

        var step = (await bench.Controller.Rollouts.CountsAsync(rollout.Id)).Of(1);
        Assert.Equal(150, step.Champion.Requests + step.Challenger.Requests);
    }

    [Fact]
    public async Task A_rollout_that_was_silent_for_long_loses_nothing_that_was_counted_before()
    {
        var bench = await Bench.OpenAsync(azurite);
        var rollout = await bench.StartAsync();
        await bench.ServeAsync(100);
        await bench.One.Monitor.FlushAsync();
        bench.Time.Advance(TimeSpan.FromHours(2));
        await bench.One.Monitor.FlushAsync();
        await bench.ServeAsync(30);
        await bench.One.Monitor.FlushAsync();

        var step = (await bench.Controller.Rollouts.CountsAsync(rollout.Id)).Of(1);
        Assert.Equal(130, step.Champion.Requests + step.Challenger.Requests);
    }

    [Fact]
    public async Task Two_breakers_at_once_roll_back_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        var other = bench.AnotherHost();
        await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });
        await bench.ServeAsync(200, new Answers(ErrorRate: 1));
        await bench.ServeAsync(200, new Answers(ErrorRate: 1), other);

        await Task.WhenAll(bench.One.Monitor.FlushAsync(), other.Monitor.FlushAsync());

        Assert.Single(await bench.HistoryAsync("rollout.rolled_back"));
        Assert.Equal(RolloutState.RolledBack, (await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).State);
    }

    [Fact]
    public async Task The_host_takes_a_broken_version_back_before_its_next_turn()
    {
        var bench = await Bench.OpenAsync(azurite);
        using var sender = new AlertSender(bench.Controller.Outbox, bench.Time);
        using var host = new RolloutHost(bench.Controller, bench.One.Monitor, sender, bench.Time, _ => { });
        using var stop = new CancellationTokenSource();
        await bench.StartAsync(Bench.Plan with { Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }] });

        // The clock stands still: whatever happens, happens because the breaker tripped.
        var running = host.RunAsync(stop.Token);
        await bench.ServeAsync(200, new Answers(ErrorRate: 1));

        await Eventually.HoldsAsync(
            async () => (await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).State == RolloutState.RolledBack,
            () => "rolled back"
        );
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Labelled_answers_count_for_quality()
    {
        var bench = await Bench.OpenAsync(azurite);
        var losses = new Losses();
        bench.Controller.Losses = losses;
        await bench.StartAsync(Bench.Plan with { Quality = new QualityRule { Loss = QualityLoss.Error } });
        losses.Counts = [Step(new ValueSums(2000, 400, 400), new ValueSums(100, 22, 22))];
        Assert.Equal(RolloutState.Running, (await bench.LookAsync()).State);

        losses.Counts = [Step(new ValueSums(2000, 400, 400), new ValueSums(100, 60, 60))];
        var ended = await bench.LookAsync();
        Assert.Equal(RolloutState.RolledBack, ended.State);
        Assert.StartsWith("mean error loss 0.6 of 100 labeled predictions of version 2, 0.2 of 2000 of version 1", ended.Reason);

        await bench.StartAsync(Bench.Plan with { Quality = new QualityRule { Margin = 0.01 } });
        losses.Counts = [Step(new ValueSums(4000, 600, 180), new ValueSums(400, 120, 70))];
        Assert.StartsWith("mean squared loss 0.3 of 400", (await bench.LookAsync()).Reason);

        static StepCounts Step(ValueSums champion, ValueSums challenger) =>
            new(
                1,
                ArmCounts.None with
                {
                    ErrorLoss = champion,
                    SquaredLoss = champion,
                },
                ArmCounts.None with
                {
                    ErrorLoss = challenger,
                    SquaredLoss = challenger,
                }
            );
    }

    private sealed class Dying : IRolloutLosses
    {
        public Task<IReadOnlyList<StepCounts>> ReadAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken) =>
            throw new OperationCanceledException();
    }

    private sealed class Losses : IRolloutLosses
    {
        public IReadOnlyList<StepCounts> Counts { get; set; } = [];

        public Task<IReadOnlyList<StepCounts>> ReadAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken) =>
            Task.FromResult(Counts);
    }
}
