using Microsoft.Extensions.Logging;
using Serverless.Pipelines;
using Serverless.Tracking;

namespace Serverless.Functions;

/// <summary>
/// Looks after runs that have not ended: one whose start was lost is started, one that was told something it did not hear is told
/// again, and one that the engine has given up ends with the reason.
/// </summary>
public sealed class CloudKeeper(CloudEngines engines, ILogger<CloudKeeper> logger)
{
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        foreach (var workspace in engines.Names)
        {
            await engines.TickRolloutsAsync(workspace, line => CloudLog.Rollout(logger, line), cancellationToken).ConfigureAwait(false);
            var engine = engines.Of(workspace);
            foreach (var run in await engine.Runs.ListOpenAsync(cancellationToken).ConfigureAwait(false))
            {
                await LookAfterAsync(workspace, engine, run, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task LookAfterAsync(string workspace, LocalEngine engine, Run run, CancellationToken cancellationToken)
    {
        try
        {
            if (run.Status == RunStatus.Running && await engines.Driver.FailureOfAsync(run, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                CloudLog.Broken(logger, run.Id, failure);
                await engine.EndAsync(run, new RunError(ErrorCodes.InternalError, $"The engine gave the run up: {failure}", "`mlops retry` goes on with it."), cancellationToken).ConfigureAwait(false);
                return;
            }

            await engines.Driver.StartAsync(workspace, run, cancellationToken).ConfigureAwait(false);
            foreach (var signal in await engine.ListSignalsAsync(run, cancellationToken).ConfigureAwait(false))
            {
                await engines.Driver.SignalAsync(workspace, run, signal, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One run that breaks must not take the others with it.
            CloudLog.Broken(logger, run.Id, e.Message);
        }
    }
}
