namespace Serverless.Training;

/// <summary>How a model does by the log of its predictions and the labels that came for them.</summary>
public sealed class LoggedPerformance(PredictionLog log, RolloutStore rollouts, TimeProvider time) : IPerformanceSource
{
    public async Task<PerformanceReading?> ReadAsync(
        string model, int version, string metric, PerformanceSource source, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var state = await rollouts.GetModelAsync(model, cancellationToken).ConfigureAwait(false);
        var window = await log.ReadAsync(state.Model.Id, new PredictionQuery(since, time.GetUtcNow().AddTicks(1)), cancellationToken).ConfigureAwait(false);
        var quality = window.Quality().FirstOrDefault(q => q.Version == version);
        return quality is null || quality.Labelled == 0
            ? null
            : new PerformanceReading(quality.Metrics.GetValueOrDefault(metric) ?? double.NaN, quality.Labelled, window.IsTruncated ? "the newest rows only: there are more than are read" : null);
    }
}
