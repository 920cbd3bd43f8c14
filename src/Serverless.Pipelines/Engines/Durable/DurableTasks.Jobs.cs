using Serverless.Core;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>The activities for container jobs.</summary>
public sealed partial class DurableTasks
{
    /// <summary>Starts a task's container job, unless its result is already known.</summary>
    public async Task<EngineMessage> StartJobAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        var call = await UnpackAsync<TaskCall>(there, request.Body!, cancellationToken);
        var journal = JournalOf(there, request, cancellationToken);
        if (await journal.FindAsync(call, cancellationToken) is { } recorded)
        {
            return await PackAsync(there, JobStep.Over(recorded.Result), cancellationToken);
        }

        JobStep step;
        if (!call.IsShielded && await IsCanceledAsync(there, request, cancellationToken))
        {
            step = await EndJobAsync(journal, request, call.Path, call.Attempt, Canceled);
        }
        else if (await ExecutorOf(there).TakeCachedAsync(call, journal, record => Observe(request, record), cancellationToken) is { } hit)
        {
            step = JobStep.Over(hit);
        }
        else
        {
            try
            {
                step = await jobs!.StartAsync(there.Store, request.Generation, call, request.Waiter, cancellationToken);
            }
            catch (ServerlessException e) when (!e.IsRetryable)
            {
                step = await EndJobAsync(journal, request, call.Path, call.Attempt, TaskResult.Fail(e));
            }
        }

        return await PackAsync(there, step, cancellationToken);
    }

    /// <summary>Checks a container job. Its result is what its launcher recorded.</summary>
    public async Task<EngineMessage> PollJobAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        var handle = await UnpackAsync<JobHandle>(there, request.Body!, cancellationToken);
        var journal = JournalOf(there, request, cancellationToken);
        var isCanceled = !handle.IsShielded && await IsCanceledAsync(there, request, cancellationToken);
        var record = await journal.ReadAsync(handle.Path, handle.Attempt, cancellationToken);
        var step = record is { IsEnd: true } ? JobStep.Over(record.Result) : null;
        if (step is null && isCanceled)
        {
            await jobs!.StopAsync(handle, cancellationToken);
            step = await EndJobAsync(journal, request, handle.Path, handle.Attempt, Canceled);
        }

        if (step is null)
        {
            var isBegun = record is { State: TaskState.Running } begun && begun.StartedAt >= handle.StartedAt;
            step = await jobs!.PollAsync(there.Store, handle, isBegun, cancellationToken);
            if (
                step.Handle?.Execution != handle.Execution
                && await journal.ReadAsync(handle.Path, handle.Attempt, cancellationToken) is { IsEnd: true } late
            )
            {
                // It ended between the two checks. A replacement finds the record as well.
                step = JobStep.Over(late.Result);
            }
            else if (step.Result is { } failure)
            {
                step = await EndJobAsync(journal, request, handle.Path, handle.Attempt, failure);
            }
        }

        return await PackAsync(there, step, cancellationToken);
    }
}
