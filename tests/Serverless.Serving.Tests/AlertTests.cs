using System.Security.Cryptography;
using System.Text;
using Serverless.Automation.Alerts;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Alerts;

namespace Serverless.Serving.Tests;

/// <summary>Alerts go out once, whatever the webhook or the host does.</summary>
public sealed class AlertTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_rollback_tells_what_why_and_from_which_to_which_although_the_webhook_fails_at_first()
    {
        var bench = await Bench.OpenAsync(azurite);
        await using var hook = await Webhook.StartAsync(number => Task.FromResult(number == 1 ? 500 : 200));
        await bench.StartAsync(
            null,
            new AlertTarget
            {
                Webhook = "env:HOOK",
                Secret = "env:KEY",
                On = ["rollout.rolled_back"],
            }
        );
        await bench.ServeAsync(4000, new Answers(ErrorRate: 0.2));
        var ended = await bench.LookAsync();
        using var sender = Sender(bench, ("HOOK", hook.Address), ("KEY", "very secret"));

        Assert.Equal(1, await sender.SendAsync());

        Assert.Equal(2, hook.All.Count);
        var got = hook.All.Last();
        Assert.Equal("rollout.rolled_back", got.Event);
        Assert.Equal($"churn version 2 was rolled back from 5 % of the traffic to version 1: {ended.Reason}.", (string?)got.Json["text"]);
        Assert.Equal(
            ("version 2", "version 1", ended.Reason),
            ((string?)got.Json["from"], (string?)got.Json["to"], (string?)got.Json["why"])
        );
        Assert.Equal("errors", (string?)got.Json["details"]!["tests"]![0]!["name"]);
        Assert.Equal(
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("very secret"), got.Body)),
            got.Signature
        );
        Assert.Equal(hook.All.First().Delivery, got.Delivery);

        // Recorded, and never sent again.
        var recorded = (await bench.Controller.Outbox.ListEndedAsync()).Single();
        Assert.Equal((1, null, bench.Time.GetUtcNow()), (recorded.Attempts, recorded.Error, recorded.DeliveredAt));
        Assert.DoesNotContain("very secret", System.Text.Json.JsonSerializer.Serialize(recorded));
        Assert.Equal(0, await sender.SendAsync());
        Assert.Empty(await bench.Controller.Outbox.ListPendingAsync());
    }

    [Fact]
    public async Task A_dead_webhook_keeps_nobody_waiting_and_is_tried_again_later()
    {
        var bench = await Bench.OpenAsync(azurite);
        var release = new TaskCompletionSource<int>();
        await using var dead = await Webhook.StartAsync(_ => release.Task);
        await using var alive = await Webhook.StartAsync();
        await bench.StartAsync(null, new AlertTarget { Webhook = dead.Address }, new AlertTarget { Webhook = alive.Address });
        using var sender = Sender(bench);

        var sending = sender.SendAsync();
        await Eventually.HoldsAsync(() => !alive.All.IsEmpty, () => "the other webhook got it");
        Assert.False(sending.IsCompleted);

        // Rollouts go on meanwhile, and who sends as well does not send it twice.
        await bench.ServeAsync(4000, new Answers(ErrorRate: 0.2));
        Assert.Equal(RolloutState.RolledBack, (await bench.LookAsync()).State);
        release.SetResult(410);
        await sending;
        Assert.Equal(1, await sender.SendAsync());

        var waiting = (await bench.Controller.Outbox.ListPendingAsync()).OrderBy(d => d.Alert.Event).ToList();
        Assert.Equal((2, 1, "the target responded with 410"), (waiting.Count, waiting[^1].Attempts, waiting[^1].Error));
        Assert.True(waiting[^1].NextAt > bench.Time.GetUtcNow());
    }

    [Fact]
    public async Task What_a_host_claimed_before_it_died_another_one_sends_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        await using var hook = await Webhook.StartAsync();
        await bench.StartAsync(null, new AlertTarget { Webhook = hook.Address });
        var row = (await bench.Controller.Outbox.PendingAsync(default)).Single();
        await bench.Controller.Outbox.ReplaceAsync(
            row,
            row.Read<AlertDelivery>() with
            {
                ClaimedUntil = bench.Time.GetUtcNow() + TimeSpan.FromSeconds(60),
            },
            default
        );
        using var one = Sender(bench);
        using var two = new AlertSender(bench.AnotherHost().Controller.Outbox, bench.Time);

        Assert.Equal(0, await one.SendAsync());
        bench.Time.Advance(TimeSpan.FromSeconds(60));
        var sent = await Task.WhenAll(one.SendAsync(), two.SendAsync());

        Assert.Equal(1, sent.Sum());
        Assert.Single(hook.All);
    }

    [Fact]
    public async Task What_nobody_takes_for_a_day_is_given_up_and_recorded()
    {
        var bench = await Bench.OpenAsync(azurite);
        await bench.StartAsync(
            null,
            new AlertTarget { Webhook = "env:NOT_SET" },
            new AlertTarget { Webhook = "http://127.0.0.1:9/", Secret = "env:NOT_SET_EITHER" }
        );
        using var sender = Sender(bench);
        await sender.SendAsync();
        Assert.Equal(
            ["'env:NOT_SET' is not a valid URL on this host", "env:NOT_SET_EITHER is not set on this host"],
            (await bench.Controller.Outbox.ListPendingAsync()).Select(d => d.Error)
        );

        bench.Time.Advance(TimeSpan.FromHours(25));
        await sender.SendAsync();

        Assert.Empty(await bench.Controller.Outbox.ListPendingAsync());
        Assert.All(await bench.Controller.Outbox.ListEndedAsync(), d => Assert.Null(d.DeliveredAt));
    }

    [Fact]
    public async Task The_same_alert_is_taken_in_once_and_targets_choose_what_they_want()
    {
        var bench = await Bench.OpenAsync(azurite);
        var alert = new Alert
        {
            Id = "drift-7",
            Time = bench.Time.GetUtcNow(),
            Event = "drift.found",
            Workspace = "default",
            Text = "Drift.",
        };
        AlertTarget[] targets =
        [
            new() { Webhook = "https://a/x", On = ["rollout.*"] },
            new() { Webhook = "https://b/x", On = ["drift.*"] },
            new() { Webhook = "https://c/x" },
        ];

        await bench.Controller.Outbox.EnqueueAsync(alert, targets);
        await bench.Controller.Outbox.EnqueueAsync(alert, targets);

        Assert.Equal(["https://b/x", "https://c/x"], (await bench.Controller.Outbox.ListPendingAsync()).Select(d => d.Target.Webhook));
    }

    [Fact]
    public async Task An_alert_is_not_taken_in_again_after_it_was_delivered_and_its_models_name_may_be_anything()
    {
        var bench = await Bench.OpenAsync(azurite);
        await using var hook = await Webhook.StartAsync();
        var alert = new Alert
        {
            Id = "run.failed-Kündigung\n1",
            Time = bench.Time.GetUtcNow(),
            Event = "run.failed",
            Workspace = "default",
            Text = "Schade.",
        };
        using var sender = Sender(bench);

        await bench.Controller.Outbox.EnqueueAsync(alert, [new() { Webhook = hook.Address }]);
        Assert.Equal(1, await sender.SendAsync());
        await bench.Controller.Outbox.EnqueueAsync(alert, [new() { Webhook = hook.Address }]);
        Assert.Equal(0, await sender.SendAsync());

        var got = Assert.Single(hook.All);
        Assert.Equal((Uri.EscapeDataString(alert.Id), alert.Id), (got.Delivery, (string?)got.Json["id"]));
    }

    [Fact]
    public void Targets_show_no_more_than_their_host()
    {
        Assert.Equal("https://hooks.example.com", new AlertTarget { Webhook = "https://hooks.example.com/services/T0/B0/secret" }.Shown);
        Assert.Empty(new AlertTarget { Webhook = "env:HOOK", Secret = "env:KEY" }.Check());
        Assert.StartsWith(
            "webhook: ",
            new AlertTarget { Webhook = "ftp://x" }
                .Check()
                .Single()
        );
        Assert.StartsWith(
            "secret: env:NAME",
            new AlertTarget { Webhook = "https://x", Secret = "plain" }
                .Check()
                .Single()
        );
    }

    private static AlertSender Sender(Bench bench, params (string Name, string Value)[] environment) =>
        new(bench.Controller.Outbox, bench.Time, name => environment.FirstOrDefault(e => e.Name == name).Value);
}
