using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Serverless.Pipelines;
using Serverless.Tracking;

namespace Serverless.Functions;

/// <summary>Starts runs on Durable Functions, and tells them what they are told.</summary>
internal sealed class DurableDriver(DurableClientHolder holder) : IRunDriver
{
    public async Task StartAsync(string workspace, Run run, CancellationToken cancellationToken = default)
    {
        var client = holder.Client;
        if (await IsDrivenAsync(client, run, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            var request = new DurableRequest { Workspace = workspace, RunId = run.Id };
            await client.ScheduleNewOrchestrationInstanceAsync(
                DurableNames.Pipeline, request, new StartOrchestrationOptions(run.Id), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Somebody else may have started it in the meantime: that is what was asked for.
            if (!await IsDrivenAsync(client, run, cancellationToken).ConfigureAwait(false))
            {
                throw ServerlessException.Unavailable(
                    $"The run {run.Id[..8]} is recorded, but the engine did not take it: {e.Message}", "Nothing is lost: the next tick starts it.", e);
            }
        }
    }

    public Task SignalAsync(string workspace, Run run, Signal signal, CancellationToken cancellationToken = default) =>
        holder.Client.RaiseEventAsync(run.Id, DurableNames.Signal, signal, cancellationToken);

    /// <summary>Why the engine itself gave the run up; null if it did not.</summary>
    public async Task<string?> FailureOfAsync(Run run, CancellationToken cancellationToken) =>
        await holder.Client.GetInstanceAsync(run.Id, cancellationToken).ConfigureAwait(false) switch
        {
            { RuntimeStatus: OrchestrationRuntimeStatus.Failed } failed => failed.FailureDetails?.ErrorMessage ?? "the engine does not say why",
            { RuntimeStatus: OrchestrationRuntimeStatus.Terminated } => "somebody terminated it in the engine",
            _ => null,
        };

    private static async Task<bool> IsDrivenAsync(DurableTaskClient client, Run run, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(run.Id, cancellationToken).ConfigureAwait(false) is { IsCompleted: false };
}

/// <summary>The engine's client, which the host hands to functions and to nobody else.</summary>
public sealed class DurableClientHolder
{
    private DurableTaskClient? client;

    public DurableTaskClient Client => client
        ?? throw ServerlessException.Unavailable("The engine's client is not known yet.", "Nothing is lost: the next tick starts what was submitted.");

    /// <summary>Each function that is bound to a client leaves it here: they are all the same.</summary>
    public void Use(DurableTaskClient bound) => client = bound;
}
