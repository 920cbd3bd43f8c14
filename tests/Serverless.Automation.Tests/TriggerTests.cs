using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Automation.Tests;

/// <summary>When triggers fire, what holds a run back, and what the log says of it.</summary>
public sealed class TriggerTests(AzuriteFixture azurite) : PolicyTest(azurite)
{
    [Fact]
    public async Task Drift_starts_a_run_that_learns_from_what_came_in()
    {
        await ApplyAsync(Drift);

        var calm = await Main.TakeAsync("calm.csv", Same(3));
        var upload = await Main.TakeAsync("new.csv", Drifted(2));

        var run = Assert.Single(await Main.ListRunsAsync());
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        var decisions = await Main.DecisionsAsync();
        Assert.Equal([DecisionOutcome.Ended, DecisionOutcome.Fired, DecisionOutcome.NotFired], decisions.Select(d => d.Outcome));
        Assert.Contains("0 of 4 columns drifted from data/train.csv", decisions[2].Why);
        Assert.Contains("calm.csv, d version 1, 300 rows", decisions[2].LookedAt);
        Assert.Contains("3 of 4 columns drifted", decisions[1].Why);
        Assert.Equal(run.Id, decisions[1].RunId);
        Assert.False(calm.Drift[0].HasDrifted);
        // The report is kept as data and as a page.
        Assert.NotNull(await Main.Store.Artifacts.FindAsync(upload.Drift[0].Report + ".json"));
        Assert.NotNull(await Main.Store.Artifacts.FindAsync(upload.Drift[0].Report + ".html"));
        // The model is made of the upload, not of the pipeline's own file.
        var task = Assert.Single(await Pipelines.Execution.TaskRecords.ListAsync(Main.Runs, (await Main.Runs.FindAsync(run.Id))!));
        var model = System.Text.Encoding.UTF8.GetString(await Main.Store.Content.ReadAsync(task.Result.Artifacts["model.txt"].Digest));
        Assert.StartsWith(Drifted(2), model);
        Assert.Equal(
            upload.Content!.Digest,
            (await new Host(Main.Store, Time, Folder.At("w2")).Datasets.ListVersionsAsync("d"))[0].Content.Digest
        );
    }

    [Fact]
    public async Task Drift_in_two_of_three_windows()
    {
        await ApplyAsync("triggers:\n  - drift: {dataset: d, reference: data/train.csv, in_windows: 2, of_windows: 3}");

        await Main.TakeAsync("1.csv", Drifted(1));
        await Main.TakeAsync("2.csv", Same(2));
        Assert.Empty(await Main.ListRunsAsync());
        await Main.TakeAsync("3.csv", Drifted(3));

        Assert.Single(await Main.ListRunsAsync());
        Assert.Contains("2 of the last 3 windows drifted (threshold 2 of 3)", (await Main.DecisionsAsync())[0].Why);
        Assert.Contains("1 of the last 1 windows", (await Main.DecisionsAsync())[2].Why);
    }

    [Fact]
    public async Task New_data_counts_rows_since_the_last_run_and_runs_learn_from_all_of_it()
    {
        await ApplyAsync("triggers:\n  - new-data: {dataset: d, rows: 500}", "data: {data/train.csv: {dataset: d, take: all}}");

        await Main.TakeAsync("1.csv", Same(1));
        Assert.Empty(await Main.ListRunsAsync());
        await Main.TakeAsync("2.csv", Same(2));
        Assert.Single(await Main.ListRunsAsync());
        var order = (await Main.Policies.GetAsync(Host.Model)).Active!;
        var text = System.Text.Encoding.UTF8.GetString(await Main.Store.Content.ReadAsync(order.Sources["data/train.csv"].Digest));
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        await Main.TakeAsync("3.csv", Same(3));

        Assert.Equal(1 + 400 + 300 + 300, text.Split('\n').Count(l => l.Length > 0));
        Assert.Single(await Main.ListRunsAsync());
        Assert.Contains("300 rows in 1 files since the last run", (await Main.DecisionsAsync())[0].Why);
    }

    [Fact]
    public async Task Uploads_are_versions_of_the_catalogs_dataset_with_the_runs_that_learned_from_them()
    {
        await ApplyAsync("triggers:\n  - new-data: {dataset: d, rows: 500}", "data: {data/train.csv: {dataset: d, take: all}}");
        var catalog = new DatasetCatalog(Main.Store, Time);
        var first = await Main.TakeAsync("1.csv", Same(1));
        // A person's own line of the same dataset is nothing that policies learn from.
        await catalog.CommitAsync("d", new DatasetCommit { Digest = first.Content!.Digest });
        var second = await Main.TakeAsync("2.csv", Same(2));
        var run = Assert.Single(await Main.ListRunsAsync());

        Assert.Equal((1, 3), (first.Version, second.Version));
        var versions = await catalog.ListVersionsAsync("d", DatasetCatalog.InboxBranch);
        Assert.Equal(
            [(3, second.Content!.Digest, "2.csv", 300L, second.Key, 1), (1, first.Content.Digest, "1.csv", 300L, first.Key, null)],
            versions.Select(v => (v.Number, v.Digest, v.File!, v.Rows!.Value, v.CommitId!, v.Parent))
        );
        Assert.Equal([3, 1], (await Main.Datasets.ListVersionsAsync("d")).Select(v => v.Version));
        foreach (var version in versions)
        {
            Assert.Equal(run.Id, Assert.Single((await catalog.Lineage.OfAsync(version.Digest)).UsedBy).RunId);
        }
    }

    [Fact]
    public async Task A_folder_of_the_inbox_that_no_dataset_can_be_called_like_is_refused_with_what_is_wrong()
    {
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Same(1)));

        var upload = await Main.Inbox.HandleAsync(await Main.Store.Inbox.UploadAsync("no name", "1.csv", body));

        Assert.Equal(UploadState.Refused, upload!.State);
        Assert.Contains("'no name' is not a valid dataset name", upload.Reason);
    }

    [Fact]
    public async Task What_fires_while_a_run_is_under_way_or_cools_down_waits_and_is_one_run_then()
    {
        await ApplyAsync(Drift + "\nlimits: {cooldown: 1h}");
        await Main.TakeAsync("1.csv", Drifted(1));
        await Main.TakeAsync("2.csv", Drifted(2));
        await Main.TakeAsync("3.csv", Drifted(3));
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        Assert.Single(await Main.ListRunsAsync());
        Assert.Contains("is in progress", (await Main.DecisionsAsync()).First(d => d.Outcome == DecisionOutcome.Held).Why);

        Time.Advance(TimeSpan.FromMinutes(59));
        await Main.Engine.TickAsync();
        Assert.Single(await Main.ListRunsAsync());
        Time.Advance(TimeSpan.FromMinutes(2));
        await Main.Engine.TickAsync();

        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
        Assert.Equal(3, (await Main.Policies.GetAsync(Host.Model)).Active!.Versions["d"]);
    }

    [Fact]
    public async Task A_paused_model_starts_nothing_and_forgets_nothing()
    {
        await ApplyAsync(Drift);
        await Main.Policies.PauseAsync(Host.Model, "ann", "prices change");
        await Main.TakeAsync("1.csv", Drifted(1));
        await Main.Engine.TickAsync();
        Assert.Empty(await Main.ListRunsAsync());
        Assert.Contains("paused by ann", (await Main.DecisionsAsync())[0].Why);

        await Main.Policies.ResumeAsync(Host.Model);
        await Main.Engine.TickAsync();

        Assert.Single(await Main.ListRunsAsync());
    }

    [Fact]
    public async Task Quiet_hours_and_the_budget_of_the_day_hold_back()
    {
        await ApplyAsync(Drift + "\nlimits: {runs_per_day: 1, quiet_hours: {from: '12:00', to: '13:00'}}");
        Time.SetUtcNow(Start.Date.AddHours(12).AddMinutes(1));
        await Main.TakeAsync("1.csv", Drifted(1));
        Assert.Contains("quiet hours last until 2026-03-02 13:00 UTC", (await Main.DecisionsAsync())[0].Why);
        Time.SetUtcNow(Start.Date.AddHours(13));
        await Main.Engine.TickAsync();
        Assert.Single(await Main.ListRunsAsync());
        await Main.DriveAsync();
        await Main.Engine.TickAsync();

        await Main.TakeAsync("2.csv", Drifted(2));
        Assert.Contains("1 runs were started today, and the budget is 1", (await Main.DecisionsAsync())[0].Why);
        Time.SetUtcNow(Start.Date.AddDays(1).AddMinutes(1));
        await Main.Engine.TickAsync();

        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task A_manual_run_starts_at_once_with_other_parameters_and_one_at_a_time()
    {
        await ApplyAsync("limits: {cooldown: 1d, runs_per_day: 1}");
        var run = await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string> { ["params.train.lr"] = "1e-5" }, "ann", "1");

        var again = await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string> { ["params.train.lr"] = "1e-5" }, "ann", "1");
        var busy = await Assert.ThrowsAsync<ServerlessException>(() =>
            Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann")
        );
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
        await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "bob");

        Assert.Equal(run.Id, again.Id);
        Assert.Equal(409, busy.Status);
        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
        Assert.Contains("1e-05", run.Params["train"]);
        var task = Assert.Single(await Pipelines.Execution.TaskRecords.ListAsync(Main.Runs, (await Main.Runs.FindAsync(run.Id))!));
        // Commands read the parameter in the form that every reader of YAML takes for a number.
        Assert.EndsWith(
            "{\"train\": {\"lr\": 1.0e-05, \"depth\": 3}}\n",
            System.Text.Encoding.UTF8.GetString(await Main.Store.Content.ReadAsync(task.Result.Artifacts["model.txt"].Digest))
        );
    }

    [Theory]
    [InlineData("params.train.lrr", "Did you mean 'lr'?")]
    [InlineData("conf.yaml:x", "params.NAME")]
    [InlineData("train.lr.x", "single value")]
    public async Task A_parameter_that_is_not_there_is_told_and_nothing_starts(string name, string fix)
    {
        await ApplyAsync("");

        var error = await Assert.ThrowsAsync<ServerlessException>(() =>
            Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string> { [name] = "1" }, "ann")
        );

        Assert.Contains(fix, error.Fix);
        Assert.Null((await Main.Policies.GetAsync(Host.Model)).Active);
        Assert.Empty(await Main.ListRunsAsync());
    }

    [Theory]
    [InlineData(0.85, 500, "within the bound 0.8", false)]
    [InlineData(0.75, 500, "worse than the bound 0.8", true)]
    [InlineData(0.75, 100, "rows are too few", false)]
    [InlineData(double.NaN, 500, "undefined", false)]
    public async Task Performance_is_measured_once_an_interval_and_fires_below_its_bound(double value, long rows, string why, bool fires)
    {
        await ApplyAsync("triggers:\n  - performance: {metric: auc, bound: 0.8, every: 1h}");
        var folder = Folder.At("model");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "x"), "1");
        await Main.Registry.RegisterAsync(
            new RegisterRequest
            {
                Name = Host.Model,
                ModelDirectory = folder,
                RequestId = "1",
            }
        );
        await Main.Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = Host.Model,
                Version = 1,
                Stage = Stage.Production,
                By = "test",
            }
        );
        var host = await HostAsync(performance: new Reading(new PerformanceReading(value, rows)));

        Time.Advance(TimeSpan.FromHours(1));
        await host.Engine.TickAsync();
        await host.Engine.TickAsync();

        Assert.Contains(why, Assert.Single(await host.DecisionsAsync()).Why);
        Assert.Equal(fires ? 1 : 0, (await host.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task The_same_decision_again_is_counted_and_the_log_is_bounded()
    {
        await ApplyAsync("triggers:\n  - performance: {metric: auc, bound: 0.8, every: 1m}");
        for (var i = 0; i < 5; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await Main.Engine.TickAsync();
        }

        var decision = Assert.Single(await Main.DecisionsAsync());
        Assert.Equal((5, "no version is in production"), (decision.Times, decision.Why));

        for (var i = 0; i < PolicyStore.KeptDecisions + 60; i += 40)
        {
            await Main.Policies.ChangeAsync(
                Host.Model,
                s => new PolicyChange(s)
                {
                    Decisions = [.. Enumerable.Range(i, 40).Select(n => decision with { Trigger = $"t{n % 40}", Why = $"line {n}" })],
                },
                default
            );
        }

        var kept = await Main.Policies.ListDecisionsAsync(Host.Model, 10_000);
        Assert.InRange(kept.Count, PolicyStore.KeptDecisions, PolicyStore.KeptDecisions + 50);
        Assert.Equal($"line {PolicyStore.KeptDecisions + 59}", kept[0].Why);
    }

    [Fact]
    public async Task An_idle_tick_reads_one_partition_whatever_the_number_of_models()
    {
        await ApplyAsync(Drift);
        await Main.Engine.TickAsync();

        Assert.False(await Main.Engine.TickAsync());
        Assert.Empty(await Main.DecisionsAsync());
    }

    private sealed class Reading(PerformanceReading reading) : IPerformanceSource
    {
        public Task<PerformanceReading?> ReadAsync(
            string model,
            int version,
            string metric,
            PerformanceSource source,
            DateTimeOffset since,
            CancellationToken cancellationToken
        ) => Task.FromResult<PerformanceReading?>(reading);
    }
}
