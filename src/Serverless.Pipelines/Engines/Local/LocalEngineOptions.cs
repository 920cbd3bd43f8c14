using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>The options of the local engine.</summary>
public sealed record LocalEngineOptions
{
    public required Store Store { get; init; }

    /// <summary>Gets the runs of the store, if the host already has them open.</summary>
    public RunStore? Runs { get; init; }

    public required ComponentCatalog Catalog { get; init; }

    /// <summary>Gets the services that the host provides to components.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>Gets the folder for the workspaces of tasks.</summary>
    public required string WorkRoot { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets the maximum number of parallel tasks of a run.</summary>
    public int Parallelism { get; init; } = Math.Max(2, Environment.ProcessorCount);

    public string User { get; init; } = Environment.UserName;

    /// <summary>Gets the driver, if runs are driven elsewhere: this engine then only records them and notifies the driver.</summary>
    public IRunDriver? Driver { get; init; }
}
