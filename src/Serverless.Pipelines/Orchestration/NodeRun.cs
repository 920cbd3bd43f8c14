using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Pipelines;

/// <summary>One task of a graph, from its condition to its last attempt.</summary>
internal sealed class NodeRun(PipelineOrchestrator run, GraphRun graph, TaskSpec task, string path)
{
    private readonly BindingResolver resolver = new(run, graph, task);

    /// <summary>The task once, or once for a loop's item.</summary>
    public async Task<TaskResult> RunAsync(JsonElement? item, string instance)
    {
        if (task.When is { } when && !resolver.Holds(when, item))
        {
            return Report(instance, TaskResult.Skip($"the condition `{when}` does not hold"));
        }

        if (task.Approval is { } approval && await ApproveAsync(approval, instance) is { } refused)
        {
            return Report(instance, refused);
        }

        var parameters = resolver.Parameters(item);
        if (task.Component is ComponentSpec.Graph nested)
        {
            var artifacts = resolver.Inputs(instance).ToDictionary(i => i.Path, i => i.Content);
            var result = await new GraphRun(run, nested.Body, instance + "/", new GraphInputs(parameters, artifacts, item)).RunAsync();
            return Report(instance, result);
        }

        var call = run.CallOf(task, instance, 1) with { Parameters = parameters, Inputs = resolver.Inputs(instance) };
        return await AttemptAsync(call);
    }

    /// <summary>The task for each item; it succeeds if it does for all of them, and gives out lists.</summary>
    public async Task<TaskResult> RunLoopAsync(LoopSpec loop)
    {
        var items = resolver.Value(loop.Items, graph.Inputs.Item) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().ToList()
            : throw ServerlessException.Invalid($"'{path}' loops over something that is not a list.", "Give a list to the loop.");
        var slots = new Slots(loop.Parallelism);
        var results = await Task.WhenAll(items.Select((item, i) => RunItemAsync(item, $"{path}[{i}]", slots)).ToList());
        var worst = Array.Find(results, r => r.State == TaskState.Failed) ?? Array.Find(results, r => r.State == TaskState.Canceled);
        var values = results.SelectMany(r => r.Values.Keys).Distinct().ToDictionary(
            name => name,
            name => JsonSerializer.SerializeToElement(results.Select(r => r.Values.TryGetValue(name, out var v) ? v : (JsonElement?)null), StorageJson.Options));
        return Report(path, new TaskResult
        {
            State = worst?.State ?? TaskState.Succeeded,
            Error = worst?.Error,
            Reason = worst?.Reason,
            Values = values,
            Artifacts = results.SelectMany((r, i) => r.Artifacts.Select(a => ($"{a.Key}[{i}]", a.Value))).ToDictionary(a => a.Item1, a => a.Value),
        });
    }

    private async Task<TaskResult> RunItemAsync(JsonElement item, string instance, Slots slots)
    {
        await slots.TakeAsync();
        try
        {
            TaskResult result;
            try
            {
                result = run.IsCanceled
                    ? Report(instance, TaskResult.Cancel($"The run was {run.CancelReason}."))
                    : await RunAsync(item, instance);
            }
            catch (Exception e)
            {
                result = Report(instance, TaskResult.Fail(e));
            }

            return run.Record(instance, result);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<TaskResult> AttemptAsync(TaskCall call)
    {
        var retry = task.Retry ?? new RetrySpec { Attempts = 1 };
        var wait = retry.Backoff;
        while (true)
        {
            await run.Slots.TakeAsync();
            TaskResult result;
            try
            {
                if (run.IsCanceled && !task.Finally)
                {
                    return Report(call.Path, TaskResult.Cancel($"The run was {run.CancelReason}."));
                }

                result = await run.Context.RunTaskAsync(call);
            }
            finally
            {
                run.Slots.Release();
            }

            if (result.State != TaskState.Failed || call.Attempt >= retry.Attempts || (run.IsCanceled && !task.Finally))
            {
                return result;
            }

            var delay = run.Context.DelayAsync($"{call.Path}#{call.Attempt}", wait);
            // A cancelled run does not sit out the pause.
            await (task.Finally ? delay : Task.WhenAny(delay, run.CancelSignal));
            wait = TimeSpan.FromTicks((long)Math.Min(wait.Ticks * retry.Factor, retry.MaxBackoff.Ticks));
            call = call with { Attempt = call.Attempt + 1 };
        }
    }

    /// <summary>Null once somebody has said yes.</summary>
    private async Task<TaskResult?> ApproveAsync(ApprovalSpec approval, string instance)
    {
        run.Context.ReportProgress(instance, new TaskResult { State = TaskState.WaitingForApproval, Reason = approval.Message });
        var answer = run.Context.WaitForSignalAsync(Signal.Approval(instance), approval.Deadline);
        if (await Task.WhenAny(answer, run.CancelSignal) != answer)
        {
            return TaskResult.Cancel($"The run was {run.CancelReason}.");
        }

        return await answer switch
        {
            { IsYes: true } => null,
            { } no => TaskResult.Cancel($"refused by {no.By ?? "somebody"}" + (no.Reason is { } why ? $": {why}" : "")),
            null => TaskResult.Cancel($"nobody approved within {approval.Deadline}"),
        };
    }

    private TaskResult Report(string at, TaskResult result)
    {
        run.Context.ReportProgress(at, result);
        return result;
    }
}
