using System.Globalization;
using Serverless.Core;
using Serverless.Monitoring.Performance.Estimation;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Execution;
using Serverless.Storage;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;
using Serverless.Training.Evaluation;

namespace Serverless.Serving.Logging;

/// <summary>The estimated performance of a version on its requests, or why it cannot be estimated.</summary>
/// <param name="Rows">The number of predictions with a score. The estimate may use fewer.</param>
public sealed record LoggedEstimate(int Rows, EstimatedPerformance? Performance, string? Missing)
{
    /// <summary>A caveat to show beside the numbers.</summary>
    public string Note =>
        Performance is null ? Missing!
        : Performance.Rows == Rows ? Performance.Note
        : string.Create(CultureInfo.InvariantCulture, $"{Performance.Note} It uses the newest {Performance.Rows} rows.");
}

/// <summary>
/// Estimates the performance of versions from the prediction log, without labels. Calibrated on the predictions of `evaluate` when the
/// version was created, so that there is an estimate even if labels arrive late or never.
/// </summary>
public sealed class LoggedEstimates(Store store, RunStore runs)
{
    /// <summary>The maximum number of rows. More rows make the estimate slower, not better: its interval draws labels 200 times.</summary>
    private const int MostRows = 20_000;

    public async Task<LoggedEstimate> OfAsync(ModelVersion version, PredictionWindow window, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(window);
        var scores = Enumerable
            .Range(0, window.Count)
            .Where(i => window.Versions[i] == version.Version && double.IsFinite(window.Scores[i]))
            .Select(i => window.Scores[i])
            .ToArray();
        LoggedEstimate Missing(string why) => new(scores.Length, null, why);
        if (scores.Length == 0)
        {
            return Missing("there are no predictions with a score");
        }

        if (window.Classes.GetValueOrDefault(version.Version) is not { } classes)
        {
            return Missing("only binary classifiers can be estimated without labels");
        }

        try
        {
            return await ReferenceAsync(version, cancellationToken) is { } reference
                ? new LoggedEstimate(
                    scores.Length,
                    PerformanceEstimator
                        .Fit(reference.Labels, reference.Scores, classes.Threshold)
                        .Estimate(scores.AsSpan(Math.Max(0, scores.Length - MostRows))),
                    null
                )
                : Missing("the run that created the version has no labeled predictions for calibration");
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            return Missing($"the predictions of the run that created the version cannot be used for calibration: {e.Message}");
        }
    }

    /// <summary>The labeled predictions of the winner of the version's run. Null if they cannot be found.</summary>
    private async Task<Predictions?> ReferenceAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.RunId is not { } id || await runs.FindAsync(id, cancellationToken) is not { Pipeline: not null } run)
        {
            return null;
        }

        var tasks = await TaskRecords.ListAsync(runs, run, cancellationToken);
        if (tasks.FirstOrDefault(t => t.Result.Values.ContainsKey("winner") && t.Parameters.ContainsKey("predictions")) is not { } compare)
        {
            return null;
        }

        var winner = compare.Result.Values["winner"].GetString();
        var at = compare
            .Parameters["candidates"]
            .EnumerateArray()
            .Select(c => c.GetString()!.TrimEnd('/'))
            .ToList()
            .FindIndex(c => c == winner || c.EndsWith("/" + winner, StringComparison.Ordinal));
        var path = at < 0 ? null : compare.Parameters["predictions"].EnumerateArray().Select(p => p.GetString()).ElementAtOrDefault(at);
        if (
            path is null
            || tasks.Select(t => t.Result.Artifacts.GetValueOrDefault(path)).FirstOrDefault(a => a is not null) is not { } content
        )
        {
            return null;
        }

        var file = Path.Combine(Path.GetTempPath(), $"mlops-{Ids.NewId()}.csv");
        try
        {
            await store.Content.GetAsync(content, file, cancellationToken);
            return await Predictions.ReadAsync(new InputPath(file, path, content.Digest), cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
