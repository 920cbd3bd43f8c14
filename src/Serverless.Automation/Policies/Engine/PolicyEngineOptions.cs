using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Automation.Policies.Records;
using Serverless.Automation.Retention;
using Serverless.Monitoring.Significance;
using Serverless.Pipelines.Components;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Policies.Engine;

/// <summary>The dependencies of the policy engine. Each host creates its own, and the engine does not depend on the host.</summary>
public sealed record PolicyEngineOptions
{
    public required Store Store { get; init; }

    public required PolicyStore Policies { get; init; }

    public required RunStore Runs { get; init; }

    public required IModelRegistry Registry { get; init; }

    public required ComponentCatalog Catalog { get; init; }

    /// <summary>Folder for temporary files.</summary>
    public required string WorkRoot { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The number of tasks that run in parallel.</summary>
    public int Parallelism { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>
    /// Called after a run was recorded as scheduled, possibly more than once. An engine that does not poll for open runs starts it here.
    /// </summary>
    public Func<Run, CancellationToken, Task> Submitted { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Starts rollouts and sends alerts. Null if this host does neither.</summary>
    public RolloutController? Rollouts { get; init; }

    /// <summary>Measures a model's performance. Null if this host cannot.</summary>
    public IPerformanceSource? Performance { get; init; }

    /// <summary>How long processed events and predictions are kept.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>Called between two steps, so that tests can stop a host there.</summary>
    internal Action<string> Reached { get; init; } = _ => { };
}

/// <summary>A policy with its stored pipeline.</summary>
public sealed record LoadedPolicy(PolicyRevision Revision, TrainingPolicy Policy, PipelineSnapshot Pipeline);

/// <summary>A model's performance in production.</summary>
public interface IPerformanceSource
{
    /// <returns>Null if there are no predictions in that time.</returns>
    Task<PerformanceReading?> ReadAsync(
        string model,
        int version,
        string metric,
        PerformanceSource source,
        DateTimeOffset since,
        CancellationToken cancellationToken
    );
}

/// <summary>A metric over the predictions of a period.</summary>
/// <param name="Rows">The number of predictions: those with labels, or all for an estimate.</param>
/// <param name="Note">A caveat about the value.</param>
public sealed record PerformanceReading(double Value, long Rows, string? Note = null)
{
    /// <summary>True if the value is missing because of an error. <see cref="Note"/> says why.</summary>
    public bool IsMissing { get; init; }

    /// <summary>Where the true value lies, as far as these rows tell; null if they do not.</summary>
    public ConfidenceInterval? Interval { get; init; }
}
