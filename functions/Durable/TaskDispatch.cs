using Microsoft.DurableTask;
using Serverless.Core;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Functions.Durable;

/// <summary>Runs tasks: each as an activity, a container job as a sub-orchestration that waits for it, a wide fan-out in batches.</summary>
internal sealed class TaskDispatch(DurableCalls calls, bool hasJobs)
{
    /// <summary>So many tasks at a time are handed on in batches: the history of a run then grows by batches.</summary>
    private const int Wide = 10;

    private const int BatchSize = 20;

    /// <summary>What is asked for in one turn, as it is handed on. The parts of a wide fan-out are about as large as one another, so that
    /// what
    /// follows on each of them is wide again.</summary>
    public static IEnumerable<T[]> Batches<T>(IReadOnlyCollection<T> wanted) =>
        wanted.Count < Wide ? wanted.Select(w => new[] { w }) : wanted.Chunk(Parts(wanted.Count, Parts(wanted.Count, BatchSize)));

    private static int Parts(int count, int size) => (count + size - 1) / size;

    public bool HasJobs => hasJobs;

    /// <summary>How the task ended. It does not throw: whatever goes wrong is the task's failure, not the run's.</summary>
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
                    "The host's log tells why; `mlops retry` runs it again.",
                    500,
                    inner: e
                )
                : e
        );

    private bool NeedsJob(TaskCall call) => hasJobs && ContainerJobs.Takes(call);
}

/// <summary>A part of a wide fan-out.</summary>
internal sealed record TaskBatch(bool HasJobs, IReadOnlyList<TaskCall> Calls);
