using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;
using Serverless.Pipelines.Execution;
using Serverless.Tracking.Models;

namespace Serverless.Automation.Policies.Engine;

/// <summary>A due time of a trigger.</summary>
/// <param name="Missed">The number of earlier due times that were never evaluated.</param>
internal readonly record struct DueSlot(DateTimeOffset Slot, int Missed)
{
    public string KeyOf(PolicyTrigger trigger) =>
        $"{trigger.Name}-{Slot.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
}

/// <summary>Evaluates the triggers that depend on the time.</summary>
internal static class TimedTriggers
{
    /// <summary>How far a clock may be set back and still count as correct before.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    /// <summary>
    /// The due time of a trigger. A clock that was ahead may have left a later time behind. Then the last time before now is evaluated, and
    /// if its event was already processed, nothing happens.
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
                        ? string.Create(CultureInfo.InvariantCulture, $"; this run also makes up for {due.Missed} missed times")
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
            return Failed($"measurement failed: {e.Message}");
        }

        if (reading is null)
        {
            return No(trigger.Source == PerformanceSource.Labels ? "there are no labels" : "there are no predictions");
        }

        if (reading.Rows < trigger.AtLeast)
        {
            return No(string.Create(CultureInfo.InvariantCulture, $"{reading.Rows} rows are too few, {trigger.AtLeast} are required"));
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
                return No($"{shown}, and version {champion.Version} has no recorded {trigger.Metric} to compare with");
            }

            var fallen = sign * (was - reading.Value);
            if (fallen < fall)
            {
                return No(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{shown}; version {champion.Version}'s recorded value is " + $"{was:0.####}"
                    )
                );
            }

            var worse = string.Create(
                CultureInfo.InvariantCulture,
                $"{shown}, {fallen:0.####} worse than version {champion.Version}'s recorded {was:0.####} (threshold {fall:0.####})"
            );
            return IsSure(reading, sign, was) ? Fires(worse) : No(worse + Unsure);
        }

        return No(string.Create(CultureInfo.InvariantCulture, $"{shown}, within the bound {trigger.Bound:0.####}"));
    }

    /// <summary>A few rows are worse than a value by chance: all that the interval holds must be.</summary>
    private static bool IsSure(PerformanceReading reading, int sign, double value) =>
        reading.Interval is not { } interval || sign * ((sign > 0 ? interval.Upper : interval.Lower) - value) < 0;

    private static string Show(ConfidenceInterval? interval) =>
        interval is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" (95 % sure: {interval.Lower:0.####} to {interval.Upper:0.####})");

    /// <summary>The version's value when it was evaluated, whatever its pipeline calls the evaluating stage.</summary>
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
