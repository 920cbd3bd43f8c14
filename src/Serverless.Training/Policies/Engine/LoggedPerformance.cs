using Serverless.Monitoring;
using Serverless.Pipelines;
using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Training;

/// <summary>
/// How a model does by the log of its predictions: measured on those that have labels, or estimated from the scores of all. The estimate is
/// calibrated on what `evaluate` predicted with the version when it was made.
/// </summary>
public sealed class LoggedPerformance(Store store, RunStore runs, RolloutStore rollouts, TimeProvider time) : IPerformanceSource
{
    private readonly PredictionLog log = new(store);

    public async Task<PerformanceReading?> ReadAsync(
        string model, int version, string metric, PerformanceSource source, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var state = await rollouts.GetModelAsync(model, cancellationToken).ConfigureAwait(false);
        var window = await log.ReadAsync(state.Model.Id, new PredictionQuery(since, time.GetUtcNow().AddTicks(1)), cancellationToken).ConfigureAwait(false);
        if (source == PerformanceSource.Estimate)
        {
            var scores = Enumerable.Range(0, window.Count).Where(i => window.Versions[i] == version && !double.IsNaN(window.Scores[i])).Select(i => window.Scores[i]).ToArray();
            return scores.Length == 0 ? null : await EstimateAsync(state.Find(version), metric, scores, window.Classes.GetValueOrDefault(version)?.Threshold ?? 0.5, cancellationToken).ConfigureAwait(false);
        }

        var quality = window.Quality().FirstOrDefault(q => q.Version == version);
        return quality is null || quality.Labelled == 0
            ? null
            : new PerformanceReading(quality.Metrics.GetValueOrDefault(metric) ?? double.NaN, quality.Labelled, window.IsTruncated ? "the newest rows only: there are more than are read" : null);
    }

    private async Task<PerformanceReading> EstimateAsync(ModelVersion? version, string metric, double[] scores, double threshold, CancellationToken cancellationToken)
    {
        if (version is null || await ReferenceAsync(version, cancellationToken).ConfigureAwait(false) is not { } reference)
        {
            return new PerformanceReading(double.NaN, scores.Length, "no labelled predictions of the run that made the version are there to calibrate on");
        }

        var estimate = PerformanceEstimator.Fit(reference.Labels, reference.Scores, threshold).Estimate(scores);
        var value = metric switch
        {
            "accuracy" => estimate.Accuracy,
            "f1" => estimate.F1,
            "precision" => estimate.Precision,
            "recall" => estimate.Recall,
            "auc" => estimate.Auc,
            _ => throw ServerlessException.Invalid($"'{metric}' cannot be estimated without labels.", "Take accuracy, auc, f1, precision or recall, or `source: labels`."),
        };
        return new PerformanceReading(value.Value, scores.Length, estimate.Note);
    }

    /// <summary>What the winner of the version's run predicted for rows whose labels are known; null if it cannot be found.</summary>
    private async Task<Predictions?> ReferenceAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.RunId is not { } id || await runs.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { Pipeline: not null } run)
        {
            return null;
        }

        var tasks = await TaskRecords.ListAsync(runs, run, cancellationToken).ConfigureAwait(false);
        if (tasks.FirstOrDefault(t => t.Result.Values.ContainsKey("winner") && t.Parameters.ContainsKey("predictions")) is not { } compare)
        {
            return null;
        }

        var winner = compare.Result.Values["winner"].GetString();
        var at = compare.Parameters["candidates"].EnumerateArray().Select(c => c.GetString()!.TrimEnd('/')).ToList().FindIndex(c => c == winner || c.EndsWith("/" + winner, StringComparison.Ordinal));
        var path = at < 0 ? null : compare.Parameters["predictions"].EnumerateArray().Select(p => p.GetString()).ElementAtOrDefault(at);
        if (path is null || tasks.Select(t => t.Result.Artifacts.GetValueOrDefault(path)).FirstOrDefault(a => a is not null) is not { } content)
        {
            return null;
        }

        var file = Path.Combine(Path.GetTempPath(), $"mlops-{Ids.NewId()}.csv");
        try
        {
            await store.Content.GetAsync(content, file, cancellationToken).ConfigureAwait(false);
            return await Predictions.ReadAsync(new InputPath(file, path, content.Digest), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
