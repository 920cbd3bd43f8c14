using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Monitoring.Significance;
using Serverless.Testing;

namespace Serverless.Automation.Tests;

/// <summary>What waits is answered once, by the next run on newer data, and only as long as it means something.</summary>
public sealed class WaitingTests(AzuriteFixture azurite) : LearningTest(azurite)
{
    private const string Hourly = "triggers:\n  - schedule: {cron: '0 * * * *'}";
    private const string Watch = "triggers:\n  - performance: {metric: auc, bound: 0.8, every: 1h, at_least: 100}";

    [Fact]
    public async Task A_run_that_starts_with_the_newest_data_answers_all_that_waited()
    {
        await ApplyAsync(Hourly);
        await Main.Policies.PauseAsync(Host.Model, "ann", null);
        await HoursAsync(Main, 2);
        var waiting = Assert.Single((await Main.Policies.GetAsync(Host.Model)).Pending);
        Assert.Equal(2, waiting.Count);
        await Main.Policies.ResumeAsync(Host.Model);

        // The next time comes in the same look that what waited would start in.
        await HoursAsync(Main, 1);
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        await Main.Engine.TickAsync();

        Assert.Single(await Main.ListRunsAsync());
        var state = await Main.Policies.GetAsync(Host.Model);
        Assert.Empty(state.Pending);
        Assert.Single(state.Starts);
        Assert.Contains(
            await Main.DecisionsAsync(),
            d => d.Outcome == DecisionOutcome.Fired && d.Why.EndsWith("it also answers 2 events that waited", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_run_that_a_person_asks_for_answers_what_waited_too()
    {
        await ApplyAsync(Hourly);
        await Main.Policies.PauseAsync(Host.Model, "ann", null);
        await HoursAsync(Main, 1);

        await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann");

        Assert.Empty((await Main.Policies.GetAsync(Host.Model)).Pending);
    }

    [Fact]
    public async Task A_clock_that_strikes_while_something_holds_it_back_is_one_line_and_waits_once()
    {
        await ApplyAsync(Hourly);
        await Main.Policies.PauseAsync(Host.Model, "ann", null);

        await HoursAsync(Main, 5);

        Assert.Equal(5, Assert.Single(await Main.DecisionsAsync()).Times);
        Assert.Equal(5, Assert.Single((await Main.Policies.GetAsync(Host.Model)).Pending).Count);
    }

    [Theory]
    [InlineData("triggers:\n  - {name: other, schedule: {cron: '0 0 1 1 *'}}", "the policy has no such trigger any more")]
    [InlineData(Hourly + "\nlimits: {runs_per_day: 7}", "the policy was changed since: revision 2 is active")]
    public async Task What_waits_does_not_outlive_its_trigger_or_the_policys_revision(string changed, string why)
    {
        await ApplyAsync(Hourly);
        await Main.Policies.PauseAsync(Host.Model, "ann", null);
        await HoursAsync(Main, 1);
        await ApplyAsync(changed);
        await Main.Policies.ResumeAsync(Host.Model);

        await Main.Engine.TickAsync();

        Assert.Empty(await Main.ListRunsAsync());
        Assert.Empty((await Main.Policies.GetAsync(Host.Model)).Pending);
        Assert.Contains(await Main.DecisionsAsync(), d => d.Why.Contains(why, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_does_not_outlive_the_champion_that_it_is_about()
    {
        await LearnAsync(Watch);
        var reading = new Reading(new PerformanceReading(0.5, 200) { Interval = new ConfidenceInterval(0.4, 0.6, 0.95) });
        var host = await HostAsync(performance: reading);
        await host.TakeAsync("new.csv", TrainedModel.Customers(300, seed: 8));
        await host.Policies.PauseAsync(Host.Model, "ann", null);
        await HoursAsync(host, 1);
        Assert.Equal(1, Assert.Single((await host.Policies.GetAsync(Host.Model)).Pending).Champion);
        using var other = new TestFolder();
        await PutIntoProductionAsync(await TrainedModel.OfCustomersAsync(other));
        reading.Now = new PerformanceReading(0.9, 200);
        await host.Policies.ResumeAsync(Host.Model);

        await HoursAsync(host, 1);

        Assert.Single(await host.ListRunsAsync());
        Assert.Empty((await host.Policies.GetAsync(Host.Model)).Pending);
        Assert.Contains(
            await host.DecisionsAsync(),
            d => d.Why.EndsWith("it is about version 1, and version 2 is in Production now", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_metric_whose_interval_reaches_the_bound_does_not_fire_and_one_that_is_surely_worse_does_once_there_is_new_data()
    {
        await LearnAsync(Watch);
        var reading = new Reading(new PerformanceReading(0.7555, 200) { Interval = new ConfidenceInterval(0.67, 0.84, 0.95) });
        var host = await HostAsync(performance: reading);

        Assert.EndsWith("worse than the bound 0.8, but the interval reaches it: more rows must tell", await LookAsync(host));
        reading.Now = new PerformanceReading(0.7, 900) { Interval = new ConfidenceInterval(0.66, 0.74, 0.95) };
        var same = await LookAsync(host);
        Assert.StartsWith("auc is 0.7 (95 % sure: 0.66 to 0.74) over 900 rows, worse than the bound 0.8; but the last run learned", same);
        Assert.Single(await host.ListRunsAsync());

        await host.TakeAsync("new.csv", TrainedModel.Customers(300, seed: 8));
        Assert.EndsWith("worse than the bound 0.8", await LookAsync(host));
        Assert.Equal(2, (await host.ListRunsAsync()).Count);
    }

    private async Task<string> LookAsync(Host host)
    {
        await HoursAsync(host, 1);
        return (await host.DecisionsAsync()).OrderByDescending(d => d.LastTime ?? d.Time).First(d => d.Trigger == "performance").Why;
    }

    private async Task HoursAsync(Host host, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Time.Advance(TimeSpan.FromHours(1));
            await host.Engine.TickAsync();
        }
    }

    private sealed class Reading(PerformanceReading first) : IPerformanceSource
    {
        public PerformanceReading Now { get; set; } = first;

        public Task<PerformanceReading?> ReadAsync(
            string model,
            int version,
            string metric,
            Serverless.Automation.Policies.Document.PerformanceSource source,
            DateTimeOffset since,
            CancellationToken cancellationToken
        ) => Task.FromResult<PerformanceReading?>(Now);
    }
}
