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

/// <summary>How well a version is expected to do on what it was asked, or why that cannot be said.</summary>
/// <param name="Rows">Predictions with a score: more than the estimate is of, if there are very many.</param>
public sealed record LoggedEstimate(int Rows, EstimatedPerformance? Performance, string? Missing)
{
    /// <summary>What is to be shown wherever the numbers are.</summary>
    public string Note =>
        Performance is null ? Missing!
        : Performance.Rows == Rows ? Performance.Note
        : string.Create(CultureInfo.InvariantCulture, $"{Performance.Note} It is of the newest {Performance.Rows} rows.");
}

/// <summary>
/// Estimates from the log of predictions how versions do, labels or not: calibrated on what `evaluate` predicted with the version when it
/// was made, so that labels which come late, or never, leave nobody in the dark.
/// </summary>
public sealed class LoggedEstimates(Store store, RunStore runs)
{
    /// <summary>Beyond this an estimate gets no better, only slower: its interval draws labels 200 times.</summary>
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
            return Missing("it has predicted nothing that has a score");
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
                : Missing("no labelled predictions of the run that made the version are there to calibrate on");
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            return Missing($"what the run that made the version predicted cannot be calibrated on: {e.Message}");
        }
    }

    /// <summary>What the winner of the version's run predicted for rows whose labels are known; null if it cannot be found.</summary>
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
