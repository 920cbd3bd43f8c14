using Microsoft.DurableTask;
using Serverless.Pipelines.Engines.Durable;

namespace Serverless.Functions.Durable;

/// <summary>
/// Calls activities and sub-orchestrations from an orchestrator. Data that is too long for one message is stored in parts by activities,
/// because an orchestrator must not do I/O.
/// </summary>
internal sealed class DurableCalls(TaskOrchestrationContext durable, DurableRequest run)
{
    /// <summary>
    /// An activity returns the result of its task, whether it succeeded or failed. An exception means that the store or its worker was
    /// unavailable, so the activity is retried for about an hour.
    /// </summary>
    private static readonly TaskOptions Patient = TaskOptions.FromRetryPolicy(
        new RetryPolicy(
            maxNumberOfAttempts: 16,
            firstRetryInterval: TimeSpan.FromSeconds(2),
            backoffCoefficient: 2,
            maxRetryInterval: TimeSpan.FromMinutes(5)
        )
    );

    private int children;

    public DurableRequest Run => run;

    public Task<T> CallAsync<T>(string activity, EngineMessage? body = null) =>
        durable.CallActivityAsync<T>(activity, run with { Body = body }, Patient);

    public async Task<T> CallAsync<T>(string activity, object value) =>
        await UnpackAsync<T>(await CallAsync<EngineMessage>(activity, await PackAsync(value)));

    /// <summary>Calls a sub-orchestration with an ID that is the same in every replay.</summary>
    public async Task<T> CallOrchestratorAsync<T>(string orchestrator, object value)
    {
        var options = new TaskOptions().WithInstanceId($"{durable.InstanceId}:{run.Generation}:{++children}");
        var answer = await durable.CallSubOrchestratorAsync<EngineMessage>(
            orchestrator,
            run with
            {
                Body = await PackAsync(value),
            },
            options
        );
        return await UnpackAsync<T>(answer);
    }

    public Task<EngineMessage> PackAsync(object value) =>
        EngineMessage.PackAsync(
            value,
            async part => (await CallAsync<EngineMessage>(DurableNames.StorePart, new EngineMessage { Zip = part })).Parts![0]
        );

    public Task<T> UnpackAsync<T>(EngineMessage message) =>
        message.UnpackAsync<T>(async digest =>
            (await CallAsync<EngineMessage>(DurableNames.LoadPart, new EngineMessage { Parts = [digest] })).Zip!
        );
}
