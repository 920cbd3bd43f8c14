using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Serverless.Core;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Durable;

/// <summary>Starts runs on Durable Functions, and tells them what they are told.</summary>
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
            // Somebody else may have started it in the meantime: that is what was asked for.
            if (await IsSurelyDrivenAsync(client, run, cancellationToken) != true)
            {
                throw ServerlessException.Unavailable(
                    $"The run {run.Id[..8]} is recorded, but the engine did not take it: {e.Message}",
                    "Nothing is lost: the next tick starts it.",
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
            // The engine refuses events of an instance that has ended. The signal is recorded: whoever starts the run again reads it.
            if (await IsSurelyDrivenAsync(client, run, cancellationToken) != false)
            {
                throw ServerlessException.Unavailable(
                    $"What the run {run.Id[..8]} was told is recorded, but the engine did not take it: {e.Message}",
                    "Nothing is lost: the next tick tells it again.",
                    e
                );
            }
        }
    }

    /// <summary>Why the engine itself gave the run up; null if it did not.</summary>
    public async Task<string?> FailureOfAsync(Run run, CancellationToken cancellationToken) =>
        (await holder.Client.GetInstanceAsync(run.Id, cancellationToken))?.RuntimeStatus switch
        {
            OrchestrationRuntimeStatus.Failed => await ReasonOfAsync(run, cancellationToken) ?? "the engine does not say why",
            OrchestrationRuntimeStatus.Terminated => "somebody terminated it in the engine",
            _ => null,
        };

    /// <summary>The engine gives reasons only to who asks for inputs and outputs as well.</summary>
    private async Task<string?> ReasonOfAsync(Run run, CancellationToken cancellationToken) =>
        (await holder.Client.GetInstanceAsync(run.Id, getInputsAndOutputs: true, cancellationToken))?.FailureDetails?.ErrorMessage;

    /// <summary>Null if the engine does not answer.</summary>
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

/// <summary>The engine's client, which the host hands to functions and to nobody else.</summary>
public sealed class DurableClientHolder
{
    private DurableTaskClient? client;

    public DurableTaskClient Client =>
        client
        ?? throw ServerlessException.Unavailable(
            "The engine's client is not known yet.",
            "Nothing is lost: the next tick starts what was submitted."
        );

    /// <summary>Each function that is bound to a client leaves it here: they are all the same.</summary>
    public void Use(DurableTaskClient bound) => client = bound;
}
