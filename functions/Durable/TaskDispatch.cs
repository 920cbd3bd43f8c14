using Microsoft.DurableTask;
using Serverless.Pipelines;

namespace Serverless.Functions;

/// <summary>Runs tasks: each as an activity, a container job as a sub-orchestration that waits for it, a wide fan-out in batches.</summary>
internal sealed class TaskDispatch(DurableCalls calls, bool hasJobs)
{
    /// <summary>More tasks than these at a time are handed on in batches, so that the history of a run grows by batches.</summary>
    public const int Wide = 40;

    public const int BatchSize = 20;

    public bool HasJobs => hasJobs;

    /// <summary>How the task ended. It does not throw: whatever goes wrong is the task's failure, not the run's.</summary>
    public async Task<TaskResult> RunAsync(TaskCall call)
    {
        try
        {
            return NeedsJob(call)
                ? await calls.CallOrchestratorAsync<TaskResult>(DurableNames.Job, call)
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

    private static TaskResult Failed(Exception e) => TaskResult.Fail(e is TaskFailedException failed
        ? new ServerlessException(
            ErrorCodes.InternalError, $"The task could not be run: {failed.FailureDetails.ErrorMessage}", "The host's log tells why; `mlops retry` runs it again.", 500, inner: e)
        : e);

    private bool NeedsJob(TaskCall call) =>
        hasJobs && (call.Component is ComponentSpec.Container || (call.Component is ComponentSpec.Command && call.Resources is not null));
}

/// <summary>A part of a wide fan-out.</summary>
internal sealed record TaskBatch(bool HasJobs, IReadOnlyList<TaskCall> Calls);
