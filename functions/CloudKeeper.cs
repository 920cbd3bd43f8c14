using Microsoft.Extensions.Logging;
using Serverless.Pipelines;
using Serverless.Tracking;
using Serverless.Training;

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
            await TickPoliciesAsync(workspace, cancellationToken).ConfigureAwait(false);
            await engines.TickRolloutsAsync(workspace, line => CloudLog.Rollout(logger, line), cancellationToken).ConfigureAwait(false);
            var engine = engines.Of(workspace);
            foreach (var run in await engine.Runs.ListOpenAsync(cancellationToken).ConfigureAwait(false))
            {
                await LookAfterAsync(workspace, engine, run, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A blob of the inbox has come: the workspace that it belongs to takes it in.</summary>
    public async Task TakeAsync(string name, CancellationToken cancellationToken)
    {
        foreach (var workspace in engines.Names)
        {
            var policies = engines.PoliciesOf(workspace);
            if (await policies.Options.Store.Inbox.FindAsync(name, cancellationToken).ConfigureAwait(false) is { } blob)
            {
                await new InboxHandler(policies).HandleAsync(blob, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task TickPoliciesAsync(string workspace, CancellationToken cancellationToken)
    {
        try
        {
            var policies = engines.PoliciesOf(workspace);
            await new InboxWatch(policies, line => CloudLog.Rollout(logger, line)).LookAsync(cancellationToken).ConfigureAwait(false);
            await policies.TickAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ServerlessException or AggregateException)
        {
            // The runs of the workspace are looked after all the same.
            CloudLog.Rollout(logger, $"Policies of {workspace} could not be looked after: {e.Message}");
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
