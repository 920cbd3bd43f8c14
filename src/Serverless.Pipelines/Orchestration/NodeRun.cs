using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Orchestration;

/// <summary>One task of a graph, from its condition to its last attempt.</summary>
internal sealed class NodeRun(PipelineOrchestrator run, GraphRun graph, TaskSpec task, string path)
{
    private readonly BindingResolver resolver = new(run, graph, task);
    private readonly bool isShielded = task.Finally || graph.Place.IsShielded;

    /// <summary>Gets whether the run was cancelled and this task is not one that runs anyway.</summary>
    public bool IsStopped => run.IsCanceled && !isShielded;

    private int FirstAttempt => graph.Place.FirstAttempt;

    /// <summary>Gets a token that is cancelled with the run, for waits that end then.</summary>
    private CancellationToken Patience => isShielded ? CancellationToken.None : run.CancelToken;

    /// <summary>Runs the task once, or once for a loop's item.</summary>
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
            if (task.Timeout is not null)
            {
                throw ServerlessException.Invalid(
                    $"'{instance}' is a graph, but a timeout applies to a single task.",
                    "Set timeouts for the tasks in it."
                );
            }

            var inner = new GraphInputs(parameters, resolver.Artifacts(), item);
            return await AttemptAsync(instance, attempt => RunGraphAsync(nested.Body, inner, instance, attempt));
        }

        var call = run.CallOf(task, instance, isShielded) with { Parameters = parameters, Inputs = resolver.Inputs(instance) };
        return await AttemptAsync(instance, attempt => RunCallAsync(call with { Attempt = attempt }));
    }

    /// <summary>Runs the task for each item. Succeeds if all of them do, and outputs lists.</summary>
    public async Task<TaskResult> RunLoopAsync(LoopSpec loop)
    {
        var items = Items(resolver.Value(loop.Items, graph.Inputs.Item));
        var slots = new Slots(loop.Parallelism);
        var work = items.Select((item, i) => RunItemAsync(item, ArtifactValue.Element(path, i), slots)).ToList();
        var results = new List<TaskResult>(work.Count);
        foreach (var one in work)
        {
            results.Add(await one);
        }

        return Report(path, LoopResult.Of(results));
    }

    private List<JsonElement> Items(JsonElement? value)
    {
        if (value is { ValueKind: JsonValueKind.String } text && JsonPath.TryParse(text.GetString()!) is { } parsed)
        {
            value = parsed;
        }

        return value is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray()]
            : throw ServerlessException.Invalid($"'{path}' loops over a value that is not a list.", "Pass a list to the loop.");
    }

    private async Task<TaskResult> RunItemAsync(JsonElement item, string instance, Slots slots)
    {
        await slots.TakeAsync();
        try
        {
            TaskResult result;
            try
            {
                result = IsStopped ? Report(instance, run.Canceled()) : await RunAsync(item, instance);
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

    private async Task<TaskResult> RunGraphAsync(GraphSpec body, GraphInputs inner, string instance, int attempt)
    {
        // The tasks inside continue counting from the graph's previous attempt, so that each attempt is unique.
        var first = FirstAttempt + ((attempt - FirstAttempt) * MostAttempts(body));
        var result = await new GraphRun(run, body, new GraphPlace(instance + "/", isShielded, first), inner).RunAsync();
        return Report(instance, result, attempt);
    }

    private async Task<TaskResult> RunCallAsync(TaskCall call)
    {
        await run.Slots.TakeAsync();
        try
        {
            return IsStopped ? Report(call.Path, run.Canceled(), call.Attempt) : await run.Context.RunTaskAsync(call);
        }
        finally
        {
            run.Slots.Release();
        }
    }

    private async Task<TaskResult> AttemptAsync(string instance, Func<int, Task<TaskResult>> start)
    {
        var retry = task.Retry ?? new RetrySpec { Attempts = 1 };
        var wait = Math.Min(retry.Backoff.Ticks, retry.MaxBackoff.Ticks);
        for (var attempt = FirstAttempt; ; attempt++)
        {
            var result = await start(attempt);
            if (result.State != TaskState.Failed || attempt - FirstAttempt + 1 >= retry.Attempts || IsStopped)
            {
                return result;
            }

            try
            {
                await run.Context.DelayAsync($"{instance}#{attempt}", TimeSpan.FromTicks(wait), Patience);
            }
            catch (OperationCanceledException) when (IsStopped)
            {
                // It has failed, whether the cancellation came before or after; there is no further attempt.
                return result;
            }

            wait = (long)Math.Min(wait * retry.Factor, retry.MaxBackoff.Ticks);
        }
    }

    /// <summary>Returns null once the task is approved.</summary>
    private async Task<TaskResult?> ApproveAsync(ApprovalSpec approval, string instance)
    {
        run.Context.ReportProgress(
            instance,
            FirstAttempt,
            new TaskResult { State = TaskState.WaitingForApproval, Reason = approval.Message }
        );
        try
        {
            return await run.Context.WaitForSignalAsync(Signal.Approval(instance), approval.Deadline, Patience) switch
            {
                { IsYes: true } => null,
                { } no => TaskResult.Cancel($"rejected by {no.By ?? "an unknown user"}" + (no.Reason is { } why ? $": {why}" : "")),
                null => TaskResult.Cancel($"nobody approved within {approval.Deadline}"),
            };
        }
        catch (OperationCanceledException) when (IsStopped)
        {
            return run.Canceled();
        }
    }

    /// <summary>The number of attempts of an inner task that one pass over the graph may make.</summary>
    private static int MostAttempts(GraphSpec body) =>
        body
            .Tasks.Select(t =>
                Math.Max(1, t.Retry?.Attempts ?? 1) * (t.Component is ComponentSpec.Graph inner ? MostAttempts(inner.Body) : 1)
            )
            .DefaultIfEmpty(1)
            .Max();

    private TaskResult Report(string at, TaskResult result, int? attempt = null)
    {
        run.Context.ReportProgress(at, attempt ?? FirstAttempt, result);
        return result;
    }
}
