using Microsoft.DurableTask;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Functions.Durable;

/// <summary>
/// Waits for a container job: starts it, and asks for it after durable timers that grow longer, or at once when its launcher tells.
/// </summary>
internal static class DurableJob
{
    /// <summary>After so many polls the orchestration begins anew with what it knows, so that a job of days has a short history.</summary>
    private const int MaxPolls = 50;

    public static async Task<EngineMessage> WaitAsync(TaskOrchestrationContext context, DurableCalls calls)
    {
        var wait = await calls.UnpackAsync<JobWait>(calls.Run.Body!);
        var step = wait.Step ?? await calls.CallAsync<JobStep>(DurableNames.StartJob, wait.Call!);
        var ended = context.WaitForExternalEvent<string>(DurableNames.JobEnded);
        for (var polls = 0; step.Result is null; polls++)
        {
            // Beginning anew gives the wait up: what it has heard by then has to be answered first.
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

/// <summary>What the orchestration of a container job begins with: the task, or how far it has come.</summary>
internal sealed record JobWait
{
    public TaskCall? Call { get; init; }

    public JobStep? Step { get; init; }
}
