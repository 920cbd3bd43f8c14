using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>Drives runs outside this process: a durable engine.</summary>
public interface IRunDriver
{
    /// <summary>Makes sure that the run is driven. Has no effect on a run that already is.</summary>
    Task StartAsync(string workspace, Run run, CancellationToken cancellationToken = default);

    /// <summary>Sends a signal to a driven run. Duplicates count once.</summary>
    Task SignalAsync(string workspace, Run run, Signal signal, CancellationToken cancellationToken = default);
}
