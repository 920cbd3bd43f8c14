using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Serving.Logging;
using Serverless.Testing;

namespace Serverless.Automation.Tests;

/// <summary>Performance triggers on a model that was learned, asked and told about: from the log of predictions, labels or not.</summary>
public sealed class PerformanceTests(AzuriteFixture azurite) : LearningTest(azurite)
{
    [Fact]
    public async Task A_metric_fires_by_the_labels_that_came_and_not_before_they_are_enough()
    {
        await LearnAsync("triggers:\n  - performance: {metric: accuracy, bound: 0.75, every: 1h, window: 3h, at_least: 200}");
        await using var server = Serve();

        Assert.Contains("there are no labels", await LookAsync());
        var (request, labels) = await AskAsync(server, TrainedModel.Customers(300, seed: 4));
        Assert.Contains("there are no labels", await LookAsync());
        // Labels of requests that nobody knows, or of rows that are not there, are none.
        var unknown = await TellAsync(server, "20260302T1100-00000000-000000000000", labels);
        Assert.Equal((0, 300), (unknown.Recorded, unknown.Refused.Count));
        await TellAsync(server, request, labels.Take(100));
        Assert.Contains("100 rows are too few, 200 are required", await LookAsync());

        await TellAsync(server, request, labels);
        Assert.Matches(
            @"^accuracy is 0\.[89]\d* \(95 % sure: 0\.\d+ to \d(\.\d+)?\) over 300 rows, within the bound 0\.75$",
            await LookAsync()
        );
        Assert.Single(await Main.ListRunsAsync());

        // Without new data another run would learn the same.
        await Main.TakeAsync("new.csv", TrainedModel.Customers(400, seed: 9));
        var later = await AskAsync(server, TrainedModel.Customers(300, seed: 5));
        await TellAsync(server, later.Request, Swapped(later.Labels));
        Assert.Matches(
            @"^accuracy is 0\.\d+ \(95 % sure: 0\.\d+ to \d(\.\d+)?\) over 300 rows, worse than the bound 0\.75$",
            await LookAsync()
        );
        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task A_fall_is_measured_against_the_champions_own_record_and_rows_without_a_score_are_left_out()
    {
        await LearnAsync("triggers:\n  - performance: {metric: auc, fallen_by: 0.1, every: 1h, window: 90m, at_least: 100}");
        await using var server = Serve();
        var good = await AskAsync(server, TrainedModel.Customers(300, seed: 4));
        await TellAsync(server, good.Request, good.Labels);
        var record = (await Main.Runs.FindAsync((await Main.Registry.FindVersionAsync(Host.Model, 1))!.RunId!))!.Metrics["judge.auc"].Value;

        Assert.Matches(
            @"^auc is 0\.9\d* \(95 % sure: 0\.\d+ to \d(\.\d+)?\) over 300 rows; version 1's recorded value is 0\.9",
            await LookAsync()
        );

        Time.Advance(TimeSpan.FromHours(2));
        await Main.TakeAsync("new.csv", TrainedModel.Customers(400, seed: 9));
        var bad = await AskAsync(server, TrainedModel.Customers(300, seed: 5));
        await TellAsync(server, bad.Request, bad.Labels.Select((l, i) => i % 2 == 0 ? l : "no"));
        Time.Advance(TimeSpan.FromMinutes(1));
        await LogAsync(server, [double.NaN, 0.5, double.PositiveInfinity]);
        var fired = await LookAsync();

        Assert.Matches(
            @"^auc is 0\.\d+ \(95 % sure: 0\.\d+ to \d(\.\d+)?\) over 300 rows \(2 rows without a score are excluded\), "
                + @"0\.\d+ worse than version 1's recorded 0\.9\d* \(threshold 0\.1\)$",
            fired
        );
        Assert.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"recorded {record:0.####}"), fired);
        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task An_estimate_without_labels_says_that_it_is_one_and_what_it_cannot_see()
    {
        await LearnAsync(
            "triggers:\n  - performance: {metric: accuracy, bound: 0.8, every: 1h, window: 90m, at_least: 100, source: estimate}"
        );
        await using var server = Serve();
        Assert.Contains("there are no predictions", await LookAsync());

        // The kind of customers that it knows, whose answers turned around: that is concept drift, and an estimate must not pretend to see
        // it.
        var known = await AskAsync(server, TrainedModel.Customers(300, seed: 4));
        await TellAsync(server, known.Request, Swapped(known.Labels));
        var calm = await LookAsync();
        Assert.Matches(
            @"^accuracy is 0\.[89]\d* \(95 % sure: 0\.\d+ to \d(\.\d+)?\) over 300 rows "
                + @"\(Estimated from calibrated scores, without labels\. "
                + @"The estimate cannot detect concept drift, .*\), within the bound 0\.8$",
            calm
        );
        Assert.Contains("accuracy by an estimate without labels of the last 1.5 hours", (await Main.DecisionsAsync())[0].LookedAt);

        // Customers about whom it is unsure: those that lie around its threshold.
        Time.Advance(TimeSpan.FromHours(2));
        await Main.TakeAsync("new.csv", TrainedModel.Customers(400, seed: 9));
        await AskAsync(server, await UnsureAsync(server));
        Assert.Matches(
            @"^accuracy is 0\.\d+ \(95 % sure: 0\.\d+ to \d(\.\d+)?\) over 100 rows \(Estimated .*\), worse than the bound 0\.8$",
            await LookAsync()
        );
        Assert.Equal(2, (await Main.ListRunsAsync()).Count);
    }

    [Fact]
    public async Task What_cannot_be_estimated_is_told_with_its_reason_and_alerts_once_a_day()
    {
        await LearnAsync(
            "triggers:\n  - performance: {metric: accuracy, bound: 0.8, every: 1h, source: estimate}\nalerts: [{webhook: "
                + "'env:MLOPS_SECRET_HOOK', "
                + "on: [model.*]}]"
        );
        using var other = new TestFolder();
        await PutIntoProductionAsync(await TrainedModel.OfCustomersAsync(other));
        await using var server = Serve();
        await AskAsync(server, TrainedModel.Customers(300, seed: 4));

        Assert.Equal("the run that created the version has no labeled predictions for calibration", await LookAsync());
        await LookAsync();
        var alert = Assert.Single(await Main.Rollouts.Outbox.ListPendingAsync()).Alert;
        Assert.Equal(
            ("model.failed", true),
            (
                alert.Event,
                alert.Text.StartsWith(
                    "m version 2 could not be evaluated by accuracy by an estimate without labels",
                    StringComparison.Ordinal
                )
            )
        );
        Time.Advance(TimeSpan.FromDays(1));
        await LookAsync();
        Assert.Equal(2, (await Main.Rollouts.Outbox.ListPendingAsync()).Count);
        Assert.Single(await Main.ListRunsAsync());
    }

    [Fact]
    public async Task A_source_that_fails_is_a_line_of_the_log_and_keeps_no_run_from_being_settled()
    {
        await LearnAsync("triggers:\n  - performance: {metric: auc, bound: 0.8, every: 1h}\n  - schedule: {cron: '0 * * * *'}");
        var host = await HostAsync(performance: new Failing());
        Time.Advance(TimeSpan.FromHours(1));

        await host.Engine.TickAsync();
        Assert.Contains(await host.DecisionsAsync(), d => d.Trigger == "performance" && d.Why == "measurement failed: The log is damaged.");
        await host.DriveAsync();
        Time.Advance(TimeSpan.FromHours(1));
        var away = await HostAsync(performance: new Failing(isRetryable: true));
        await Assert.ThrowsAsync<ServerlessException>(() => away.Engine.TickAsync());

        Assert.Null((await host.Policies.GetAsync(Host.Model)).Active);
        Assert.Contains(await host.DecisionsAsync(), d => d.Outcome == DecisionOutcome.Ended);
    }

    /// <summary>An hour later, the trigger's line of the log.</summary>
    private async Task<string> LookAsync()
    {
        Time.Advance(TimeSpan.FromHours(1));
        await Main.Engine.TickAsync();
        return (await Main.DecisionsAsync()).OrderByDescending(d => d.LastTime ?? d.Time).First(d => d.Trigger == "performance").Why;
    }

    /// <summary>Rows that the model answers least clearly.</summary>
    private async Task<string> UnsureAsync(ModelServer server)
    {
        var text = TrainedModel.Customers(3000, seed: 6);
        var before = Time.GetUtcNow();
        await AskAsync(server, text);
        var state = await server.FindAsync(Host.Model);
        var window = await server.Log.ReadAsync(state.Model.Id, new PredictionQuery(before, Time.GetUtcNow().AddTicks(1)));
        var lines = text.Split('\n');
        Time.Advance(TimeSpan.FromHours(2));
        return lines[0]
            + "\n"
            + string.Concat(window.Scores.Index().OrderBy(s => Math.Abs(s.Item - 0.5)).Take(100).Select(s => lines[s.Index + 1] + "\n"));
    }

    /// <summary>Writes a request whose scores no served model could give away, and labels of it.</summary>
    private async Task LogAsync(ModelServer server, double[] scores)
    {
        var state = await server.FindAsync(Host.Model);
        var identity = server.Identify(null);
        await using (var writer = new PredictionLogWriter(Main.Store.Predictions, Time, 1 << 20))
        {
            var outcome = new ServingOutcome(
                Host.Model,
                state.Model.Id,
                1,
                new VersionChoice(1, "production", false),
                identity.RequestId,
                identity.RequestKey,
                Time.GetUtcNow(),
                ServingResult.Succeeded,
                null,
                TimeSpan.FromMilliseconds(1),
                scores.Length,
                scores
            );
            writer.Observe(
                outcome with
                {
                    Input = ServingInput.Of(new Core.Columns.ColumnFrame()),
                    Output = ModelOutput.Of(scores),
                    Classes = new BinaryClasses("yes", "no", 0.5),
                }
            );
        }
    }

    private sealed class Failing(bool isRetryable = false) : IPerformanceSource
    {
        public Task<PerformanceReading?> ReadAsync(
            string model,
            int version,
            string metric,
            PerformanceSource source,
            DateTimeOffset since,
            CancellationToken cancellationToken
        ) => throw new ServerlessException("DAMAGED", "The log is damaged.", status: isRetryable ? 503 : 500, retryable: isRetryable);
    }
}
