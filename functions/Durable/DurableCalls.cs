using Microsoft.DurableTask;
using Serverless.Pipelines.Engines.Durable;

namespace Serverless.Functions.Durable;

/// <summary>
/// Activities and sub-orchestrations as an orchestrator of ours calls them. What is too long for one message is stored in parts by
/// activities, since an orchestrator itself does no input or output.
/// </summary>
internal sealed class DurableCalls(TaskOrchestrationContext durable, DurableRequest run)
{
    /// <summary>
    /// An activity answers how its task ended, well or not; that it throws means that the store or its worker was away. So it is
    /// tried again for about an hour.
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

    /// <summary>A sub-orchestration, under an id of its own that is the same in every replay.</summary>
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
