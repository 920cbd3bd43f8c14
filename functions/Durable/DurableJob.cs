using Microsoft.DurableTask;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Functions.Durable;

/// <summary>
/// Waits for a container job: starts it, and polls it with durable timers of growing length, or at once when its launcher reports.
/// </summary>
internal static class DurableJob
{
    /// <summary>The number of polls after which the orchestration continues as new, so that a job of days has a short history.</summary>
    private const int MaxPolls = 50;

    public static async Task<EngineMessage> WaitAsync(TaskOrchestrationContext context, DurableCalls calls)
    {
        var wait = await calls.UnpackAsync<JobWait>(calls.Run.Body!);
        var step = wait.Step ?? await calls.CallAsync<JobStep>(DurableNames.StartJob, wait.Call!);
        var ended = context.WaitForExternalEvent<string>(DurableNames.JobEnded);
        for (var polls = 0; step.Result is null; polls++)
        {
            // Continuing as new ends the wait: events received by then must be handled first.
            if (polls >= MaxPolls && !ended.IsCompleted)
            {
                context.ContinueAsNew(calls.Run with { Body = await calls.PackAsync(new JobWait { Step = step }) });
                return new EngineMessage();
            }

            using var over = new CancellationTokenSource();
            var timer = context.CreateTimer(context.CurrentUtcDateTime + step.Wait, over.Token);
            if (await Task.WhenAny(timer, ended) == ended)
            {
                over.Cancel();
                ended = context.WaitForExternalEvent<string>(DurableNames.JobEnded);
            }

            step = await calls.CallAsync<JobStep>(DurableNames.PollJob, step.Handle!);
        }

        return await calls.PackAsync(step.Result);
    }
}

/// <summary>The input of a container job's orchestration: the task, or its progress.</summary>
internal sealed record JobWait
{
    public TaskCall? Call { get; init; }

    public JobStep? Step { get; init; }
}
