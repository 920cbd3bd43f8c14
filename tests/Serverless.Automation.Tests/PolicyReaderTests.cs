using Serverless.Automation.Policies.Document;
using Serverless.Core;

namespace Serverless.Automation.Tests;

public sealed class PolicyReaderTests
{
    private const string Whole = """
        model: churn
        description: Telephone customers who may leave.
        pipeline: .
        data:
          data/telco-churn.csv: {dataset: churn, take: 3, allow_new_columns: true}
        params: {gate.alpha: 0.01, params.split.seed: 7}
        triggers:
          - schedule: {cron: '0 3 * * 1', time_zone: Europe/Berlin}
          - drift: {dataset: churn, share: 0.3, in_windows: 2, of_windows: 3, weights: importance, exclude: [id]}
            name: shifted
          - performance: {metric: auc, bound: 0.8, fallen_by: 0.03, source: estimate, every: 6h}
          - new-data: {dataset: churn, rows: 10000}
        limits: {cooldown: 6h, runs_per_day: 3, quiet_hours: {from: '22:00', to: '06:00', time_zone: Europe/Berlin, days: [fri, Saturday]}}
        """;

    [Fact]
    public void A_whole_policy_is_read()
    {
        var policy = PolicyReader.Read(Whole, "policy.yaml");

        Assert.Equal("churn", policy.Model);
        Assert.Equal((DataTake.Last, 3, true), (policy.Data[0].Take, policy.Data[0].Versions, policy.Data[0].AllowNewColumns));
        Assert.Equal("0.01", policy.Params["gate.alpha"]);
        Assert.Equal(["schedule", "shifted", "performance", "new-data"], policy.Triggers.Select(t => t.Name));
        var drift = Assert.IsType<DriftTrigger>(policy.Triggers[1]);
        Assert.Equal(
            (2, 3, 0.3, true, DriftReference.Champion),
            (drift.InWindows, drift.OfWindows, drift.Share, drift.WeighByImportance, drift.Reference)
        );
        var performance = Assert.IsType<PerformanceTrigger>(policy.Triggers[2]);
        Assert.Equal((PerformanceSource.Estimate, TimeSpan.FromHours(6), 0.8), (performance.Source, performance.Every, performance.Bound));
        Assert.Equal([DayOfWeek.Friday, DayOfWeek.Saturday], policy.Limits.QuietHours!.Days);
        Assert.Equal((TimeSpan.FromHours(6), 3), (policy.Limits.Cooldown, policy.Limits.RunsPerDay));
    }

    [Theory]
    [InlineData("modle: churn", 1, "Unknown key 'modle'", "Did you mean 'model'?")]
    [InlineData(
        "model: churn\ntriggers:\n  - drift: {dataset: churn, shaer: 0.3}",
        3,
        "Unknown key 'shaer' in 'drift' of trigger 1",
        "Did you mean 'share'?"
    )]
    [InlineData("model: churn\ntriggers:\n  - schedul: {cron: '* * * * *'}", 3, "Unknown key 'schedul'", "Did you mean 'schedule'?")]
    [InlineData(
        "model: churn\ntriggers:\n  - drift: {dataset: churn}",
        2,
        "no path of the pipeline is bound to it",
        "Bind the dataset to a path under `data`"
    )]
    [InlineData(
        "model: churn\ndata: {a.csv: chrun}\ntriggers:\n  - drift: {dataset: churn}",
        3,
        "no path of the pipeline is bound to it",
        "Did you mean 'chrun'?"
    )]
    [InlineData(
        "model: churn\ndata: {a.csv: d}\ntriggers:\n  - drift: {dataset: d, in_windows: 3, of_windows: 2}",
        4,
        "Drift in 3 of 2 windows is impossible",
        "at most"
    )]
    [InlineData(
        "model: churn\ndata: {a.csv: d}\ntriggers:\n  - drift: {dataset: d, preset: evidentyl}",
        4,
        "'evidentyl'",
        "Did you mean 'evidently'?"
    )]
    [InlineData(
        "model: churn\ndata: {a.csv: d}\ntriggers:\n  - drift: {dataset: d, columns: [a], weights: {b: 1}}",
        4,
        "'b' has a weight",
        null
    )]
    [InlineData("model: churn\ndata: {a.csv: d, b.csv: d}", 2, "is bound to 2 paths", null)]
    [InlineData("model: churn\ntriggers:\n  - performance: {metric: auc}", 3, "no limit for the metric", "`bound`")]
    [InlineData("model: churn\ntriggers:\n  - performance: {metric: acu, bound: 0.8}", 3, "Unknown metric 'acu'", "Did you mean 'auc'?")]
    [InlineData("model: churn\ntriggers:\n  - performance: {metric: rmse, bound: 3, source: estimate}", 3, "cannot be estimated", "labels")]
    [InlineData("model: churn\ntriggers:\n  - schedule: {cron: '0 0 30 2 *'}", 3, "never occurs", null)]
    [InlineData("model: churn\ntriggers:\n  - schedule: {cron: '61 * * * *'}", 3, "is not a valid schedule", "Mondays at 03:00")]
    [InlineData(
        "model: churn\ntriggers:\n  - schedule: {cron: '0 3 * * *', time_zone: Europe/Berlni}",
        3,
        "Unknown time zone 'Europe/Berlni'",
        "Europe/Berlin"
    )]
    [InlineData(
        "model: churn\ntriggers:\n  - schedule: {cron: '0 23 * * *'}\nlimits: {quiet_hours: {from: '22:00', to: '06:00'}}",
        4,
        "within the quiet hours",
        null
    )]
    [InlineData("model: churn\nlimits: {quiet_hours: {from: '06:00', to: '06:00'}}", 2, "begin and end at the same time", "mlops pause")]
    [InlineData("model: churn\nlimits: {cooldown: soon}", 2, "must be a duration", null)]
    [InlineData("model: churn\nlimits: {runs_per_day: 0}", 2, "must be a whole number of at least 1", null)]
    [InlineData("model: churn\ndata: {a.csv: 'x/y'}", 2, "is not a valid dataset name", null)]
    [InlineData("model: churn\nrollout:\n  steps: [5%, 100%]\n  baek: 1h", 4, "unknown key 'baek'", "Did you mean 'bake'?")]
    [InlineData("model: churn\nrollout: {steps: [50%, 25%, 100%]}", 2, "every step has more traffic", null)]
    [InlineData("model: churn\npromotion: {metrics: [acu]}", 2, "unknown metric 'acu'", null)]
    [InlineData("model: churn\npromotion:\n  guardrails: [{metric: auc, margni: 0.1}]", 3, "promotion", "Did you mean 'margin'?")]
    [InlineData("model: churn\nalerts: [{webhook: hooks}]", 2, "an address such as", null)]
    [InlineData("model: churn\nreplay: {label: y}", 2, "has no 'data'", "replay")]
    public void What_is_wrong_is_told_with_its_line_and_a_fix(string text, int line, string message, string? fix)
    {
        var told = Assert.Throws<ServerlessException>(() => PolicyReader.Read(text, "policy.yaml")).Diagnostics;

        var finding = Assert.Single(told, d => d.Message.Contains(message, StringComparison.Ordinal));
        Assert.Equal(line, finding.Line);
        Assert.Contains(fix ?? "", finding.Fix ?? "");
    }

    [Fact]
    public void Everything_wrong_is_told_at_once()
    {
        var error = Assert.Throws<ServerlessException>(() =>
            PolicyReader.Read("triggers:\n  - schedule: {cron: x}\nlimits: {runs_per_day: no}\nalert: 1\n", "policy.yaml")
        );

        Assert.Equal(4, error.Diagnostics.Count);
        Assert.Contains("4 errors", error.Message);
    }

    [Theory]
    [InlineData("2026-03-06T23:00:00Z", "2026-03-07T05:00:00Z")] // Friday night in Berlin
    [InlineData("2026-03-07T04:59:00Z", "2026-03-07T05:00:00Z")] // and Saturday morning after it
    [InlineData("2026-03-07T05:00:00Z", null)]
    [InlineData("2026-03-05T23:00:00Z", null)] // Thursday is not among the days
    [InlineData("2026-03-28T23:30:00Z", "2026-03-29T04:00:00Z")] // the clocks go forward in that night
    public void Quiet_hours_go_over_midnight_in_their_own_time_zone(string now, string? end)
    {
        var quiet = PolicyReader.Read(Whole, "p").Limits.QuietHours!;

        Assert.Equal(end is null ? null : DateTimeOffset.Parse(end), quiet.EndAt(DateTimeOffset.Parse(now)));
    }

    [Fact]
    public void A_schedule_that_was_missed_is_due_once_and_says_how_often()
    {
        var hourly = new ScheduleTrigger("s", "0 * * * *", TimeZoneInfo.Utc);
        var start = new DateTimeOffset(2026, 1, 1, 0, 30, 0, TimeSpan.Zero);

        Assert.Null(hourly.Due(start, start.AddMinutes(29)));
        Assert.Equal((start.AddMinutes(30), 1), hourly.Due(start, start.AddMinutes(31)));
        Assert.Equal((start.AddMinutes(30 + (60 * 9)), 10), hourly.Due(start, start.AddHours(10)));
    }
}
