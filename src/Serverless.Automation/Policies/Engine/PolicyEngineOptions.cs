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
using Serverless.Training.Components.Register;

namespace Serverless.Automation.Policies.Engine;

/// <summary>What the policies work on. Both hosts make one, and nothing in here knows which.</summary>
public sealed record PolicyEngineOptions
{
    public required Store Store { get; init; }

    public required PolicyStore Policies { get; init; }

    public required RunStore Runs { get; init; }

    public required IModelRegistry Registry { get; init; }

    public required ComponentCatalog Catalog { get; init; }

    /// <summary>Where files are laid down while they are read.</summary>
    public required string WorkRoot { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many tasks of a run run at a time.</summary>
    public int Parallelism { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>
    /// Called after a run was recorded as scheduled, perhaps more than once: an engine that does not look for open runs starts it.
    /// </summary>
    public Func<Run, CancellationToken, Task> Submitted { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Where challengers take over, and alerts go out; null if this host has neither.</summary>
    public RolloutController? Rollouts { get; init; }

    /// <summary>Tells how a model does; null if this host cannot know.</summary>
    public IPerformanceSource? Performance { get; init; }

    /// <summary>How long answered events and predictions are kept.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>Told between two steps, so that tests can end a host there.</summary>
    internal Action<string> Reached { get; init; } = _ => { };
}

/// <summary>A policy with the pipeline that was kept with it.</summary>
public sealed record LoadedPolicy(PolicyRevision Revision, TrainingPolicy Policy, PipelineSnapshot Pipeline);

/// <summary>How a model does in the world.</summary>
public interface IPerformanceSource
{
    /// <returns>Null if nothing was predicted in that time.</returns>
    Task<PerformanceReading?> ReadAsync(
        string model,
        int version,
        string metric,
        PerformanceSource source,
        DateTimeOffset since,
        CancellationToken cancellationToken
    );
}

/// <summary>A metric over the predictions of some time.</summary>
/// <param name="Rows">Of how many predictions: those with labels, or all for an estimate.</param>
/// <param name="Note">What one should know of it.</param>
public sealed record PerformanceReading(double Value, long Rows, string? Note = null)
{
    /// <summary>True if it should be there and is not: <see cref="Note"/> says why.</summary>
    public bool IsMissing { get; init; }

    /// <summary>Where the true value lies, as far as these rows tell; null if they do not.</summary>
    public ConfidenceInterval? Interval { get; init; }
}
