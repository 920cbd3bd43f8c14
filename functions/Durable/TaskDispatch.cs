using Microsoft.DurableTask;
using Serverless.Core;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Functions.Durable;

/// <summary>Runs tasks: each as an activity, a container job as a sub-orchestration, a wide fan-out in batches.</summary>
internal sealed class TaskDispatch(DurableCalls calls, bool hasJobs)
{
    /// <summary>The number of tasks from which they are dispatched in batches, so that the history of a run grows by batches.</summary>
    private const int Wide = 10;

    private const int BatchSize = 20;

    /// <summary>
    /// The dispatch of one turn's requests. The batches of a wide fan-out have about the same size, so that the next stage is wide again.
    /// </summary>
    public static IEnumerable<T[]> Batches<T>(IReadOnlyCollection<T> wanted) =>
        wanted.Count < Wide ? wanted.Select(w => new[] { w }) : wanted.Chunk(Parts(wanted.Count, Parts(wanted.Count, BatchSize)));

    private static int Parts(int count, int size) => (count + size - 1) / size;

    public bool HasJobs => hasJobs;

    /// <summary>The result of the task. Never throws: any error is a failure of the task, not of the run.</summary>
    public async Task<TaskResult> RunAsync(TaskCall call)
    {
        try
        {
            return NeedsJob(call)
                ? await calls.CallOrchestratorAsync<TaskResult>(DurableNames.Job, new JobWait { Call = call })
                : await calls.CallAsync<TaskResult>(DurableNames.RunTask, call);
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    public async Task<IReadOnlyList<TaskResult>> RunBatchAsync(IReadOnlyList<TaskCall> batch)
    {
        try
        {
            return await calls.CallOrchestratorAsync<List<TaskResult>>(DurableNames.Batch, new TaskBatch(hasJobs, batch));
        }
        catch (Exception e)
        {
            return [.. batch.Select(_ => Failed(e))];
        }
    }

    private static TaskResult Failed(Exception e) =>
        TaskResult.Fail(
            e is TaskFailedException failed
                ? new ServerlessException(
                    ErrorCodes.InternalError,
                    $"The task could not be run: {failed.FailureDetails.ErrorMessage}",
                    "See the host's log for the reason, then run `mlops retry`.",
                    500,
                    inner: e
                )
                : e
        );

    private bool NeedsJob(TaskCall call) => hasJobs && ContainerJobs.Takes(call);
}

/// <summary>A batch of a wide fan-out.</summary>
internal sealed record TaskBatch(bool HasJobs, IReadOnlyList<TaskCall> Calls);
