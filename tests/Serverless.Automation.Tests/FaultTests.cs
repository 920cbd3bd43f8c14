using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Testing;

namespace Serverless.Automation.Tests;

/// <summary>Each event starts at most one run, and none is lost: whatever comes twice, dies, jumps, or is done by two at once.</summary>
public sealed class FaultTests(AzuriteFixture azurite) : PolicyTest(azurite)
{
    private const string Hourly = "triggers:\n  - schedule: {cron: '0 * * * *'}";

    [Fact]
    public async Task An_upload_that_is_delivered_again_and_again_is_one_version_and_one_run()
    {
        await ApplyAsync(Drift);
        var blob = await Main.DropAsync("a.csv", Drifted(2));

        var first = await Main.Inbox.HandleAsync(blob);
        var again = await (await HostAsync()).Inbox.HandleAsync(blob);
        await (await HostAsync()).Engine.OnUploadAsync(await LoadAsync(), first!);
        await Main.Engine.TickAsync();

        Assert.Equal((1, 1), (first!.Version, again!.Version));
        Assert.Single(await Main.Datasets.ListVersionsAsync("d"));
        var run = Assert.Single(await Main.ListRunsAsync());
        Assert.Equal(PolicyEngine.RunIdOf(Main.Store.Workspace, Host.Model, "upload-" + blob.Key), run.Id);
        Assert.Single(await Main.DecisionsAsync());
    }

    [Fact]
    public async Task The_same_file_dropped_once_more_is_an_event_of_its_own()
    {
        await ApplyAsync(Drift);
        var text = Drifted(2);

        var first = await Main.TakeAsync("a.csv", text);
        var second = await Main.TakeAsync("a.csv", text);

        Assert.NotEqual(first.Key, second.Key);
        Assert.Equal((1, 2), (first.Version, second.Version));
    }

    [Theory]
    [InlineData("recorded")]
    [InlineData("decided")]
    [InlineData("submitted")]
    [InlineData("answered")]
    public async Task A_host_that_dies_between_two_steps_of_an_upload_leaves_nothing_undone_or_done_twice(string step)
    {
        await ApplyAsync(Drift);
        var blob = await Main.DropAsync("a.csv", Drifted(2));
        var dying = await HostAsync(reached => Die(reached, step));
        await Assert.ThrowsAsync<HostDied>(() => dying.Inbox.HandleAsync(blob));

        // Another host hears of it only by the clock, and by what lies in the inbox.
        await Main.Engine.TickAsync();
        await Main.Inbox.HandleAsync(blob);
        await Main.Engine.TickAsync();

        Assert.Single(await Main.Datasets.ListVersionsAsync("d"));
        Assert.Single(await Main.ListRunsAsync());
        Assert.Equal([DecisionOutcome.Fired], (await Main.DecisionsAsync()).Select(d => d.Outcome));
        Assert.True((await Main.Datasets.FindUploadAsync("d", blob.Key))!.IsAnswered);
    }

    [Theory]
    [InlineData("decided")]
    [InlineData("submitted")]
    public async Task A_host_that_dies_between_two_steps_of_a_schedule_leaves_nothing_undone_or_done_twice(string step)
    {
        await ApplyAsync(Hourly);
        Time.Advance(TimeSpan.FromHours(1));
        var dying = await HostAsync(reached => Die(reached, step));
        await Assert.ThrowsAsync<HostDied>(() => dying.Engine.TickAsync());

        await Main.Engine.TickAsync();
        await Main.Engine.TickAsync();

        Assert.Single(await Main.ListRunsAsync());
        Assert.Single(await Main.DecisionsAsync());
    }

    [Fact]
    public async Task Two_hosts_that_take_in_the_same_uploads_and_ticks_at_once_start_each_run_once()
    {
        await ApplyAsync(Drift + "\n  - schedule: {cron: '0 * * * *'}");
        var other = await HostAsync();
        var blobs = new List<Storage.Inbox.InboxBlob>();
        for (var i = 0; i < 4; i++)
        {
            blobs.Add(await Main.DropAsync($"{i}.csv", Drifted(i)));
        }

        Time.Advance(TimeSpan.FromHours(1));
        await Task.WhenAll(
            blobs
                .SelectMany(b => new Host[] { Main, other }.Select(h => Task.Run(() => h.Inbox.HandleAsync(b))))
                .Concat([Task.Run(() => Main.Engine.TickAsync() as Task), Task.Run(() => other.Engine.TickAsync() as Task)])
        );

        // One event started its run, the other four wait for it: as one run.
        Assert.Equal([1, 2, 3, 4], (await Main.Datasets.ListVersionsAsync("d")).Select(v => v.Version).Order());
        Assert.Single(await Main.ListRunsAsync());
        var state = await Main.Policies.GetAsync(Host.Model);
        Assert.Equal(4, state.Pending.Select(p => p.EventKey).Distinct().Count());
        Assert.Equal(5, (await Main.DecisionsAsync()).Count);

        await Main.DriveAsync();
        await Task.WhenAll(Main.Engine.TickAsync(), other.Engine.TickAsync());
        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
        state = await Main.Policies.GetAsync(Host.Model);
        Assert.Empty(state.Pending);
        Assert.Equal(4, state.Active!.EventKeys.Count);
    }

    [Fact]
    public async Task A_schedule_that_was_missed_is_caught_up_once()
    {
        await ApplyAsync(Hourly);
        Time.Advance(TimeSpan.FromHours(7));

        await Main.Engine.TickAsync();
        await Main.Engine.TickAsync();

        Assert.Single(await Main.ListRunsAsync());
        Assert.Contains("makes up for 6 missed times", Assert.Single(await Main.DecisionsAsync()).Why);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_fires_nothing_twice_and_goes_on_with_the_next_time()
    {
        await ApplyAsync(Hourly);
        Time.Advance(TimeSpan.FromHours(2));
        await Main.Engine.TickAsync();
        await EndAsync();

        Time.AdjustTime(Start + TimeSpan.FromMinutes(100)); // 11:40: the time of 11:00 was caught up with the one of 12:00
        await Main.Engine.TickAsync();
        await EndAsync();
        var backThen = (await Main.ListRunsAsync()).Count;
        Time.AdjustTime(Start + TimeSpan.FromMinutes(121));
        await Main.Engine.TickAsync();
        await EndAsync();
        Assert.Equal(backThen, (await Main.ListRunsAsync()).Count);
        Time.AdjustTime(Start + TimeSpan.FromMinutes(181));
        await Main.Engine.TickAsync();

        Assert.Equal(backThen + 1, (await Main.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task A_clock_that_stood_a_year_ahead_for_a_moment_does_not_stop_the_schedule_the_cooldown_or_the_budget()
    {
        await ApplyAsync(Hourly + "\nlimits: {cooldown: 10m, runs_per_day: 2}");
        Time.AdjustTime(Start.AddYears(1));
        await Main.Engine.TickAsync();
        await EndAsync();
        Assert.Single(await Main.ListRunsAsync());

        Time.AdjustTime(Start.AddMinutes(59)); // right again, just before eleven
        await Main.Engine.TickAsync();
        await EndAsync();
        Time.AdjustTime(Start.AddMinutes(80));
        await Main.Engine.TickAsync();
        await EndAsync();
        Time.AdjustTime(Start.AddMinutes(140));
        await Main.Engine.TickAsync();

        // Ten (just before the year was set right), eleven and twelve; no more than two of them today.
        Assert.InRange((await Main.ListRunsAsync()).Count, 2, 3);
        Assert.Contains(await Main.DecisionsAsync(), d => d.EventKey.EndsWith("T110000", StringComparison.Ordinal));
    }

    private async Task EndAsync()
    {
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
    }

    private async Task<LoadedPolicy> LoadAsync() => await Main.Engine.LoadAsync(Host.Model, 1, default);
}
