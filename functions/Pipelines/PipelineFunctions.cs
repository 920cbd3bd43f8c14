using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Serverless.Functions.Durable;
using Serverless.Pipelines.Engines.Durable;

namespace Serverless.Functions.Pipelines;

/// <summary>A pipeline run on Durable Functions. The run ID is the instance ID.</summary>
public sealed class PipelineFunctions(DurableTasks tasks)
{
    [Function(DurableNames.Pipeline)]
    public static async Task PipelineAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var request = context.GetInput<DurableRequest>()!;
        if (await new DurableCalls(context, request).CallAsync<RunStart?>(DurableNames.Begin) is { } start)
        {
            var calls = new DurableCalls(context, request with { ExperimentId = start.ExperimentId, Generation = start.Generation });
            await DurableRun.DriveAsync(context, calls, start);
        }
    }

    [Function(DurableNames.Batch)]
    public static async Task<EngineMessage> BatchAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var calls = new DurableCalls(context, context.GetInput<DurableRequest>()!);
        var batch = await calls.UnpackAsync<TaskBatch>(calls.Run.Body!);
        return await calls.PackAsync(await DurableRun.RunBatchAsync(new TaskDispatch(calls, batch.HasJobs), batch));
    }

    [Function(DurableNames.Job)]
    public static Task<EngineMessage> JobAsync([OrchestrationTrigger] TaskOrchestrationContext context) =>
        DurableJob.WaitAsync(context, new DurableCalls(context, context.GetInput<DurableRequest>()! with { Waiter = context.InstanceId }));

    [Function(DurableNames.StartJob)]
    public Task<EngineMessage> StartJobAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.StartJobAsync(request, cancellationToken);

    [Function(DurableNames.PollJob)]
    public Task<EngineMessage> PollJobAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.PollJobAsync(request, cancellationToken);

    [Function(DurableNames.Begin)]
    public Task<RunStart?> BeginAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.BeginAsync(request, cancellationToken);

    [Function(DurableNames.StorePart)]
    public Task<EngineMessage> StorePartAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.StorePartAsync(request, cancellationToken);

    [Function(DurableNames.LoadPart)]
    public Task<EngineMessage> LoadPartAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.LoadPartAsync(request, cancellationToken);

    [Function(DurableNames.RunTask)]
    public Task<EngineMessage> RunTaskAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.RunTaskAsync(request, cancellationToken);

    [Function(DurableNames.Report)]
    public Task ReportAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.ReportAsync(request, cancellationToken);

    [Function(DurableNames.End)]
    public Task EndAsync([ActivityTrigger] DurableRequest request, CancellationToken cancellationToken) =>
        tasks.EndAsync(request, cancellationToken);
}
