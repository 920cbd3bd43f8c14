using Microsoft.DurableTask;
using Serverless.Pipelines;

namespace Serverless.Functions;

/// <summary>Waits for a container job: starts it, and asks for it after durable timers that grow longer.</summary>
internal static class DurableJob
{
    /// <summary>After so many polls the orchestration begins anew with what it knows, so that a job of days has a short history.</summary>
    private const int MaxPolls = 50;

    public static async Task<EngineMessage> WaitAsync(TaskOrchestrationContext context, DurableCalls calls)
    {
        var wait = await calls.UnpackAsync<JobWait>(calls.Run.Body!);
        var step = wait.Step ?? await calls.CallAsync<JobStep>(DurableNames.StartJob, wait.Call!);
        for (var polls = 0; step.Result is null; polls++)
        {
            if (polls == MaxPolls)
            {
                context.ContinueAsNew(calls.Run with { Body = await calls.PackAsync(new JobWait { Step = step }) });
                return new EngineMessage();
            }

            await context.CreateTimer(context.CurrentUtcDateTime + step.Wait, CancellationToken.None);
            step = await calls.CallAsync<JobStep>(DurableNames.PollJob, step.Handle!);
        }

        return await calls.PackAsync(step.Result);
    }
}

/// <summary>What the orchestration of a container job begins with: the task, or how far it has come.</summary>
internal sealed record JobWait
{
    public TaskCall? Call { get; init; }

    public JobStep? Step { get; init; }
}
