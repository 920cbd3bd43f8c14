using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>What drives runs outside of this process: a durable engine.</summary>
public interface IRunDriver
{
    /// <summary>Sees to it that the run is driven; asked for a run that is driven already, it changes nothing.</summary>
    Task StartAsync(string workspace, Run run, CancellationToken cancellationToken = default);

    /// <summary>Tells a run that is driven something. What is told twice counts once.</summary>
    Task SignalAsync(string workspace, Run run, Signal signal, CancellationToken cancellationToken = default);
}
