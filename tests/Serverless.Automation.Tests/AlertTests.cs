using Serverless.Automation.Alerts;
using Serverless.Automation.Policies.Records;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Automation.Tests;

/// <summary>
/// What happens to a policy's uploads and runs comes to a webhook: once, however often a host looks, dies, or looks beside another.
/// </summary>
public sealed class AlertTests(AzuriteFixture azurite) : LearningTest(azurite)
{
    private const string All = "\nalerts: [{webhook: 'env:MLOPS_SECRET_HOOK', secret: 'env:MLOPS_SECRET_KEY'}]";

    [Fact]
    public async Task A_refused_upload_is_told_of_once_although_its_host_died_after_telling()
    {
        await ApplyAsync(Drift + All);
        await using var hook = await Webhook.StartAsync();
        using var sender = Sender(hook);
        var blob = await Main.DropAsync("a.csv", "age,income,plan,left\nold,1,pro,no\n");
        var dying = await HostAsync(reached => Die(reached, "answered"));
        await Assert.ThrowsAsync<HostDied>(() => dying.Inbox.HandleAsync(blob));

        Assert.Equal(1, await sender.SendAsync());
        await Main.Inbox.HandleAsync(blob);
        await Main.Inbox.HandleAsync(blob);
        await Main.Engine.TickAsync();
        Assert.Equal(0, await sender.SendAsync());

        var got = Assert.Single(hook.All);
        Assert.Equal(
            ("upload.refused", "m", "policy", Main.Store.Workspace),
            (got.Event, (string?)got.Json["model"], (string?)got.Json["by"], (string?)got.Json["workspace"])
        );
        Assert.Equal(
            "An upload to d was rejected: a.csv. The schema changed: the column 'age' was whole numbers and is text (row 0 has 'old').",
            (string?)got.Json["text"]
        );
        Assert.Equal("The schema changed: the column 'age' was whole numbers and is text (row 0 has 'old').", (string?)got.Json["why"]);
        Assert.StartsWith("sha256=", got.Signature);
    }

    [Fact]
    public async Task Drift_and_the_failure_of_its_run_are_told_of_once_although_hosts_die_and_look_at_once()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  train: {cmd: 'echo it is broken >&2; exit 3', deps: [data/train.csv], outs: [model.txt]}\n");
        await ApplyAsync(Drift + All);
        await using var hook = await Webhook.StartAsync();
        using var sender = Sender(hook);

        await Main.TakeAsync("a.csv", Drifted(2));
        await Main.DriveAsync();
        var dying = await HostAsync(reached => Die(reached, "told"));
        await Assert.ThrowsAsync<HostDied>(() => dying.Engine.TickAsync());
        Assert.Equal(2, await sender.SendAsync());
        var other = await HostAsync();
        await Task.WhenAll(Main.Engine.TickAsync(), other.Engine.TickAsync());
        await Main.Engine.TickAsync();
        Assert.Equal(0, await sender.SendAsync());

        Assert.Equal(["drift.detected", "run.failed"], hook.All.Select(r => r.Event).Order());
        var drift = hook.All.First(r => r.Event == "drift.detected").Json;
        Assert.Matches(
            @"^d version 1 drifted from data/train\.csv\. 3 of 4 columns \(.*\); report drift/m/.*\.html$",
            (string?)drift["text"]
        );
        var failed = hook.All.First(r => r.Event == "run.failed").Json;
        Assert.Contains("The run failed in train:", (string?)failed["why"]);
        Assert.Equal(RunUpshot.Failed, (await Main.DecisionsAsync())[0].Upshot);
    }

    [Fact]
    public async Task A_challenger_that_passes_waits_for_its_yes_and_one_that_loses_are_told_of()
    {
        await using var hook = await Webhook.StartAsync();
        using var sender = Sender(hook);

        await LearnAsync("promotion: {metrics: [auc], approval: {role: owner, deadline: 2h}}" + All);
        await sender.SendAsync();
        Assert.Equal(["challenger.passed", "rollout.waits_for_approval"], hook.All.Select(r => r.Event).Order());
        Assert.Contains(
            "waiting for approval by role owner until 2026-03-02 12:00 UTC",
            (string?)hook.All.First(r => r.Event.StartsWith("rollout", StringComparison.Ordinal)).Json["text"]
        );
        await Main.Rollouts.Steering.ApproveAsync(Host.Model, new Actor("olga"), "owner", true, null);
        Assert.Equal(Stage.Production, (await Main.Registry.FindVersionAsync(Host.Model, 1))!.Stage);
        await sender.SendAsync();
        hook.All.Clear();

        // What was learned from turned-around answers loses.
        await Main.TakeAsync("swapped.csv", Turned(Customers));
        await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann");
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        await sender.SendAsync();
        await Main.Engine.TickAsync();
        await sender.SendAsync();

        var lost = Assert.Single(hook.All);
        Assert.Equal("challenger.lost", lost.Event);
        Assert.Contains("The challenger lost and is not promoted: ", (string?)lost.Json["why"]);
        Assert.Null(await Main.Registry.FindVersionAsync(Host.Model, 2));
    }

    [Fact]
    public async Task A_webhook_gets_what_its_policy_wants_of_it()
    {
        await ApplyAsync(
            Drift
                + "\nalerts: [{webhook: 'env:MLOPS_SECRET_HOOK', on: [drift.detected]}, {webhook: 'env:MLOPS_SECRET_OTHER', on: "
                + "[upload.*]}]"
        );
        await using var drifts = await Webhook.StartAsync();
        await using var uploads = await Webhook.StartAsync();
        using var sender = new AlertSender(
            Main.Rollouts.Outbox,
            Time,
            name => name == "MLOPS_SECRET_HOOK" ? drifts.Address : uploads.Address,
            privateTargets: true
        );

        await Main.TakeAsync("a.csv", "nothing");
        await Main.TakeAsync("b.csv", Drifted(2));
        await sender.SendAsync();

        Assert.Equal("drift.detected", Assert.Single(drifts.All).Event);
        Assert.Equal("upload.refused", Assert.Single(uploads.All).Event);
    }

    private AlertSender Sender(Webhook hook) =>
        new(Main.Rollouts.Outbox, Time, name => name == "MLOPS_SECRET_HOOK" ? hook.Address : "a key", privateTargets: true);

    private static string Turned(string csv) =>
        string.Join(
            '\n',
            csv.Split('\n')
                .Select(l =>
                    l.EndsWith(",yes", StringComparison.Ordinal) ? l[..^3] + "no"
                    : l.EndsWith(",no", StringComparison.Ordinal) ? l[..^2] + "yes"
                    : l
                )
        );
}
