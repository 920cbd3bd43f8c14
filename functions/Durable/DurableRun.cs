using Microsoft.DurableTask;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Durable;

/// <summary>Drives one run from start to its recorded end.</summary>
internal static class DurableRun
{
    public static async Task DriveAsync(TaskOrchestrationContext context, DurableCalls calls, RunStart start)
    {
        RunEnd end;
        try
        {
            var definition = await calls.UnpackAsync<RunDefinition>(start.Definition);
            var world = new DurableContext(context, new TaskDispatch(calls, start.HasJobs), calls);
            var result = await world.RunAsync(
                c => PipelineOrchestrator.RunAsync(c, calls.Run.RunId, start.ExperimentId, definition),
                start.Signals
            );
            end = new RunEnd(result.Status, result.Error);
        }
        catch (Exception e)
        {
            // An invalid definition fails in the same way each time: the run ends here, with the reason.
            end = new RunEnd(RunStatus.Failed, RunError.Of(e));
        }

        await calls.CallAsync<object?>(DurableNames.End, await calls.PackAsync(end));
    }

    public static async Task<List<TaskResult>> RunBatchAsync(TaskDispatch tasks, TaskBatch batch)
    {
        var results = new List<TaskResult>(batch.Calls.Count);
        foreach (var work in batch.Calls.Select(tasks.RunAsync).ToList())
        {
            results.Add(await work);
        }

        return results;
    }
}
