using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Serverless.Core;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Durable;

/// <summary>Starts runs on Durable Functions, and sends them signals.</summary>
internal sealed class DurableDriver(DurableClientHolder holder) : IRunDriver
{
    public async Task StartAsync(string workspace, Run run, CancellationToken cancellationToken = default)
    {
        var client = holder.Client;
        try
        {
            if (await IsDrivenAsync(client, run, cancellationToken))
            {
                return;
            }

            var request = new DurableRequest { Workspace = workspace, RunId = run.Id };
            await client.ScheduleNewOrchestrationInstanceAsync(
                DurableNames.Pipeline,
                request,
                new StartOrchestrationOptions(run.Id),
                cancellationToken
            );
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Another caller may have started it in the meantime, with the same result.
            if (await IsSurelyDrivenAsync(client, run, cancellationToken) != true)
            {
                throw ServerlessException.Unavailable(
                    $"Run {run.Id[..8]} is recorded, but the engine did not accept it: {e.Message}",
                    "No action is needed: the next tick starts it.",
                    e
                );
            }
        }
    }

    public async Task SignalAsync(string workspace, Run run, Signal signal, CancellationToken cancellationToken = default)
    {
        var client = holder.Client;
        try
        {
            await client.RaiseEventAsync(run.Id, DurableNames.Signal, signal, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The engine rejects events for an instance that has ended. The signal is recorded, and a restarted run reads it.
            if (await IsSurelyDrivenAsync(client, run, cancellationToken) != false)
            {
                throw ServerlessException.Unavailable(
                    $"The signal for run {run.Id[..8]} is recorded, but the engine did not accept it: {e.Message}",
                    "No action is needed: the next tick sends it again.",
                    e
                );
            }
        }
    }

    /// <summary>Why the engine itself ended the run. Null if it did not.</summary>
    public async Task<string?> FailureOfAsync(Run run, CancellationToken cancellationToken) =>
        (await holder.Client.GetInstanceAsync(run.Id, cancellationToken))?.RuntimeStatus switch
        {
            OrchestrationRuntimeStatus.Failed => await ReasonOfAsync(run, cancellationToken) ?? "the engine reports no reason",
            OrchestrationRuntimeStatus.Terminated => "it was terminated in the engine",
            _ => null,
        };

    /// <summary>The engine returns reasons only together with inputs and outputs.</summary>
    private async Task<string?> ReasonOfAsync(Run run, CancellationToken cancellationToken) =>
        (await holder.Client.GetInstanceAsync(run.Id, getInputsAndOutputs: true, cancellationToken))?.FailureDetails?.ErrorMessage;

    /// <summary>Null if the engine does not respond.</summary>
    private static async Task<bool?> IsSurelyDrivenAsync(DurableTaskClient client, Run run, CancellationToken cancellationToken)
    {
        try
        {
            return await IsDrivenAsync(client, run, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<bool> IsDrivenAsync(DurableTaskClient client, Run run, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(run.Id, cancellationToken) is { IsCompleted: false };
}

/// <summary>The engine's client, which the host passes only to functions.</summary>
public sealed class DurableClientHolder
{
    private DurableTaskClient? client;

    public DurableTaskClient Client =>
        client
        ?? throw ServerlessException.Unavailable(
            "The engine's client is not available yet.",
            "No action is needed: the next tick starts submitted runs."
        );

    /// <summary>Set by each function with a client binding. All clients are equivalent.</summary>
    public void Use(DurableTaskClient bound) => client = bound;
}
