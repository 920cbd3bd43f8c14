using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Serving.Logging;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Policies.Engine;

/// <summary>
/// A model's performance by its prediction log: measured on predictions with labels, or estimated from all scores.
/// </summary>
public sealed class LoggedPerformance(Store store, RunStore runs, RolloutStore rollouts, TimeProvider time) : IPerformanceSource
{
    private readonly PredictionLog log = new(store);
    private readonly LoggedEstimates estimates = new(store, runs);

    public async Task<PerformanceReading?> ReadAsync(
        string model,
        int version,
        string metric,
        PerformanceSource source,
        DateTimeOffset since,
        CancellationToken cancellationToken
    )
    {
        var state = await rollouts.GetModelAsync(model, cancellationToken);
        var window = await log.ReadAsync(
            state.Model.Id,
            new PredictionQuery(since, time.GetUtcNow().AddTicks(1), version),
            cancellationToken
        );
        if (window.Count == 0 || state.Find(version) is not { } found)
        {
            return null;
        }

        var quality = window.Quality().Single();
        var noted = Joined(
            window.IsTruncated ? "only the newest rows, because there are too many to read" : null,
            quality.Unscored == 0
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"{quality.Unscored} rows without a score are excluded")
        );
        if (source == PerformanceSource.Labels)
        {
            return quality.Labelled == 0
                ? null
                : new PerformanceReading(quality.Metrics.GetValueOrDefault(metric) ?? double.NaN, quality.Labelled, noted)
                {
                    Interval = window.IntervalOf(version, metric),
                };
        }

        var estimate = await estimates.OfAsync(found, window, cancellationToken);
        return estimate.Performance is { } performance
            ? new PerformanceReading(performance.Of(metric).Value, estimate.Rows, Joined(estimate.Note, noted))
            {
                Interval = performance.Of(metric).Interval,
            }
            : new PerformanceReading(double.NaN, estimate.Rows, Joined(estimate.Missing, noted)) { IsMissing = true };
    }

    private static string? Joined(params IEnumerable<string?> notes) =>
        string.Join("; ", notes.OfType<string>()) is { Length: > 0 } text ? text : null;
}
