using Serverless.Automation.Alerts;
using Serverless.Automation.Policies.Records;
using Serverless.Automation.Retention;
using Serverless.Serving.Logging;
using Serverless.Storage.Tables;
using Serverless.Testing;

namespace Serverless.Automation.Tests;

/// <summary>What is old goes, a piece a tick; what still keeps an event from starting a second run stays.</summary>
public sealed class RetentionTests(AzuriteFixture azurite) : LearningTest(azurite)
{
    [Fact]
    public async Task Old_events_go_but_an_uploads_stays_as_long_as_its_blob_lies_there()
    {
        await ApplyAsync(Drift + "\n  - schedule: {cron: '0 11 2 3 *'}\nalerts: [{webhook: 'env:MLOPS_SECRET_HOOK'}]");
        var stays = await Main.DropAsync("stays.csv", Drifted(2));
        await Main.Inbox.HandleAsync(stays);
        var replaced = await Main.DropAsync("replaced.csv", Same(3));
        await Main.Inbox.HandleAsync(replaced);
        await Main.DropAsync("replaced.csv", "nonsense");
        await Main.DriveAsync();
        Time.Advance(TimeSpan.FromMinutes(65));
        await Main.Engine.TickAsync();
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        var runs = (await Main.ListRunsAsync()).Count;
        Assert.Equal((2, 3), (runs, await EventsAsync()));

        Time.Advance(TimeSpan.FromDays(89));
        await Main.Engine.TickAsync();
        Assert.Equal(3, await EventsAsync());
        Time.Advance(TimeSpan.FromDays(2));
        await Main.Engine.TickAsync();

        Assert.Equal(["upload-" + stays.Key], await EventKeysAsync());
        Assert.Equal([stays.Key], (await Main.Datasets.ListUploadsAsync("d")).Select(u => u.Key));
        Assert.Equal([2, 1], (await Main.Datasets.ListVersionsAsync("d")).Select(v => v.Version));
        // Whatever is delivered again starts nothing again.
        await Main.Inbox.HandleAsync(stays);
        Assert.Null(await Main.Inbox.HandleAsync(replaced));
        var other = await HostAsync();
        await other.Engine.TickAsync();
        Assert.Equal(runs, (await Main.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task An_event_that_waits_stays_and_one_that_comes_again_after_all_finds_its_run()
    {
        await ApplyAsync(Drift);
        var run = await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann", "1");
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        await Main.Policies.PauseAsync(Host.Model, "ann", null);
        var upload = await Main.DropAsync("a.csv", Drifted(2));
        await Main.Inbox.HandleAsync(upload);
        await Main.DropAsync("a.csv", "nonsense");

        Time.Advance(TimeSpan.FromDays(91));
        await Main.Engine.TickAsync();

        Assert.Equal(["upload-" + upload.Key], await EventKeysAsync());
        var again = await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann", "1");
        Assert.Equal(run.Id, again.Id);
        Assert.Single(await Main.ListRunsAsync());
    }

    [Fact]
    public async Task Alerts_that_ended_and_their_marks_go()
    {
        await ApplyAsync(Drift + "\nalerts: [{webhook: 'env:MLOPS_SECRET_NOT_SET'}]");
        await Main.TakeAsync("a.csv", "nonsense");
        using var sender = new AlertSender(Main.Rollouts.Outbox, Time, _ => null);
        Time.Advance(TimeSpan.FromDays(2));
        await sender.SendAsync();
        Assert.Single(await Main.Rollouts.Outbox.ListEndedAsync());

        Time.Advance(TimeSpan.FromDays(90));
        await Main.Engine.TickAsync();

        Assert.Empty(await Main.Rollouts.Outbox.ListEndedAsync());
        Assert.Equal(0, await Main.Rollouts.Outbox.TrimAsync(Time.GetUtcNow(), 100, default));
    }

    [Fact]
    public async Task Old_predictions_and_labels_go_and_younger_ones_stay()
    {
        await LearnAsync("");
        await using var server = Serve();
        var old = await AskAsync(server, TrainedModel.Customers(10));
        await TellAsync(server, old.Request, old.Labels);
        await TellAsync(server, "nobody's", ["yes"]);
        var begun = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromDays(10));
        var young = await AskAsync(server, TrainedModel.Customers(10));
        await TellAsync(server, young.Request, young.Labels);
        var state = await server.FindAsync(Host.Model);

        Time.SetUtcNow(begun.AddDays(365).AddHours(2));
        await Main.Engine.TickAsync();

        var window = await server.Log.ReadAsync(state.Model.Id, new PredictionQuery(begun.AddMinutes(-1), begun.AddDays(20)));
        Assert.Equal((10, young.Request), (window.Count, window.Requests.Distinct().Single()));
        Assert.All(window.Labels, Assert.NotNull);
        Assert.Empty(await server.Log.Labels.ReadAsync(state.Model.Id, begun.AddHours(-1), begun.AddHours(1), default));
        Assert.Empty(await server.Feedback.RefusedAsync(state.Model.Id));
        Assert.Equal(0, await new RetentionKeeper(Main.Engine.Options).TickAsync(default));
    }

    [Fact]
    public async Task One_host_a_day_looks_and_goes_on_with_the_next_tick_while_there_is_more()
    {
        await ApplyAsync("");
        var count = RetentionKeeper.Piece + 20;
        for (var i = 0; i < count; i += 90)
        {
            await Main.Policies.ChangeAsync(
                Host.Model,
                s => new PolicyChange(s)
                {
                    Answered =
                    [
                        .. Enumerable
                            .Range(i, Math.Min(90, count - i))
                            .Select(n => new AnsweredEvent($"manual-{n}", Time.GetUtcNow(), DecisionOutcome.Fired, null)),
                    ],
                },
                default
            );
        }

        Time.Advance(TimeSpan.FromDays(100));
        var (one, two) = (new RetentionKeeper(Main.Engine.Options), new RetentionKeeper((await HostAsync()).Engine.Options));
        Assert.Equal(RetentionKeeper.Piece, await one.TickAsync(default));
        Assert.Equal(20, await two.TickAsync(default));
        Assert.Equal(0, await one.TickAsync(default));

        await Main.Policies.ChangeAsync(
            Host.Model,
            s => new PolicyChange(s) { Answered = [new AnsweredEvent("manual-old", Start, DecisionOutcome.Fired, null)] },
            default
        );
        Assert.Equal(0, await two.TickAsync(default));
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, (await Task.WhenAll(one.TickAsync(default), two.TickAsync(default))).Sum());
    }

    private async Task<int> EventsAsync() => (await EventKeysAsync()).Count;

    private async Task<List<string>> EventKeysAsync()
    {
        var found = new List<string>();
        await foreach (var row in Main.Store.Policies.QueryAsync(Keys.Join(Main.Store.Workspace), PolicyKeys.Events))
        {
            found.Add(row.Read<AnsweredEvent>().EventKey);
        }

        return found;
    }
}
