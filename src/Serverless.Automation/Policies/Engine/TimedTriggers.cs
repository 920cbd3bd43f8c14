using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Models;
using Serverless.Training.Components.Register;
using Serverless.Training.Learning;

namespace Serverless.Automation.Policies.Engine;

/// <summary>A time of a trigger that is due.</summary>
/// <param name="Missed">How many times before it were never looked at.</param>
internal readonly record struct DueSlot(DateTimeOffset Slot, int Missed)
{
    public string KeyOf(PolicyTrigger trigger) =>
        $"{trigger.Name}-{Slot.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
}

/// <summary>The triggers that look at the clock.</summary>
internal static class TimedTriggers
{
    /// <summary>How far back a clock that was set back is trusted to have been right before.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    /// <summary>
    /// The time that is due now. A clock that stood in the future left a later one behind: then the last one before now is asked
    /// about, and if its event was answered already, nothing happens.
    /// </summary>
    public static DueSlot? Due(PolicyState state, PolicyTrigger trigger, DateTimeOffset now)
    {
        var since = state.Slots.GetValueOrDefault(trigger.Name, now);
        var wasSetBack = since > now;
        since = wasSetBack ? now - LookBack : since;
        if (trigger is PerformanceTrigger { Every: var every })
        {
            var slot = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % every.Ticks), TimeSpan.Zero);
            return slot > since ? new DueSlot(slot, 0) : null;
        }

        return ((ScheduleTrigger)trigger).Due(since, now) is { } due ? new DueSlot(due.Slot, wasSetBack ? 0 : due.Count - 1) : null;
    }

    public static TriggerFinding Scheduled(ScheduleTrigger trigger, DueSlot due) =>
        new(
            trigger.Name,
            true,
            $"the clock: {trigger.Cron} in {trigger.TimeZone.Id}",
            $"it was due at {Show(due.Slot)}"
                + (
                    due.Missed > 0
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $"; {due.Missed} times before it were missed, and are caught up with this one run"
                        )
                        : ""
                )
        );

    public static async Task<TriggerFinding> MeasuredAsync(
        PerformanceTrigger trigger,
        LoadedPolicy policy,
        PolicyEngineOptions options,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var model = policy.Policy.Model;
        var source = trigger.Source == PerformanceSource.Labels ? "labels" : "an estimate without labels";
        var looked = string.Create(
            CultureInfo.InvariantCulture,
            $"{trigger.Metric} by {source} of the last {trigger.Window.TotalHours:0.#} hours"
        );
        TriggerFinding No(string why) => new(trigger.Name, false, looked, why);
        var champion = await options.Registry.GetLatestAsync(model, Stage.Production, cancellationToken);
        if (champion is null)
        {
            return No("no version is in production");
        }

        TriggerFinding Failed(string why) => No(why) with { FailedVersion = champion.Version };
        PerformanceReading? reading;
        try
        {
            reading = options.Performance is null
                ? null
                : await options.Performance.ReadAsync(
                    model,
                    champion.Version,
                    trigger.Metric,
                    trigger.Source,
                    now - trigger.Window,
                    cancellationToken
                );
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            return Failed($"it cannot be measured: {e.Message}");
        }

        if (reading is null)
        {
            return No(trigger.Source == PerformanceSource.Labels ? "no labels came in" : "nothing was predicted");
        }

        if (reading.Rows < trigger.AtLeast)
        {
            return No(
                string.Create(CultureInfo.InvariantCulture, $"{reading.Rows} rows are too few to judge by: {trigger.AtLeast} are needed")
            );
        }

        if (reading.IsMissing)
        {
            return Failed(reading.Note!);
        }

        if (!double.IsFinite(reading.Value))
        {
            return Failed("the metric is undefined on these rows" + (reading.Note is null ? "" : $" ({reading.Note})"));
        }

        var sign = MetricDefinition.All.First(m => m.Name == trigger.Metric).HigherIsBetter ? 1 : -1;
        var shown = string.Create(
            CultureInfo.InvariantCulture,
            $"{trigger.Metric} is {reading.Value:0.####}{Show(reading.Interval)} over {reading.Rows} rows"
                + $"{(reading.Note is null ? "" : $" ({reading.Note})")}"
        );
        TriggerFinding Fires(string why) => new(trigger.Name, true, looked, why) { Champion = champion.Version };
        const string Unsure = ", but the interval reaches it: more rows must tell";
        if (trigger.Bound is { } bound && sign * (reading.Value - bound) < 0)
        {
            var worse = string.Create(CultureInfo.InvariantCulture, $"{shown}, worse than the bound {bound:0.####}");
            return IsSure(reading, sign, bound) ? Fires(worse) : No(worse + Unsure);
        }

        if (trigger.FallenBy is { } fall)
        {
            var record = await RecordAsync(champion, trigger.Metric, options, cancellationToken);
            if (record is not { } was)
            {
                return No($"{shown}, and version {champion.Version} has no record of {trigger.Metric} to have fallen from");
            }

            var fallen = sign * (was - reading.Value);
            if (fallen < fall)
            {
                return No(string.Create(CultureInfo.InvariantCulture, $"{shown}; version {champion.Version}'s own record is {was:0.####}"));
            }

            var worse = string.Create(
                CultureInfo.InvariantCulture,
                $"{shown}, {fallen:0.####} worse than version {champion.Version}'s own record of {was:0.####}, where {fall:0.####} counts"
            );
            return IsSure(reading, sign, was) ? Fires(worse) : No(worse + Unsure);
        }

        return No(string.Create(CultureInfo.InvariantCulture, $"{shown}, and the bound is {trigger.Bound:0.####}"));
    }

    /// <summary>A few rows are worse than a value by chance: all that the interval holds must be.</summary>
    private static bool IsSure(PerformanceReading reading, int sign, double value) =>
        reading.Interval is not { } interval || sign * ((sign > 0 ? interval.Upper : interval.Lower) - value) < 0;

    private static string Show(ConfidenceInterval? interval) =>
        interval is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" (95 % sure: {interval.Lower:0.####} to {interval.Upper:0.####})");

    /// <summary>What the version scored when it was judged, whatever its pipeline calls the stage that judged it.</summary>
    private static async Task<double?> RecordAsync(
        ModelVersion version,
        string metric,
        PolicyEngineOptions options,
        CancellationToken cancellationToken
    )
    {
        if (version.RunId is not { } id || await options.Runs.FindAsync(id, cancellationToken) is not { } run)
        {
            return null;
        }

        var judged = run.Pipeline is null
            ? null
            : (await TaskRecords.ListAsync(options.Runs, run, cancellationToken))
                .FirstOrDefault(t => t.Result.Values.ContainsKey("winner"))
                ?.Path;
        return (judged is null ? null : run.Metrics.GetValueOrDefault($"{judged}.{metric}")?.Value)
            ?? run.Metrics.GetValueOrDefault(metric)?.Value;
    }

    private static string Show(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
