using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Pipelines;

/// <summary>One pass over a graph: every task starts as soon as what it depends on has ended.</summary>
internal sealed class GraphRun(PipelineOrchestrator run, GraphSpec graph, string prefix, GraphInputs inputs)
{
    private readonly Dictionary<string, TaskCompletionSource<TaskResult>> ends =
        graph.Tasks.ToDictionary(t => t.Name, _ => new TaskCompletionSource<TaskResult>());

    public GraphInputs Inputs => inputs;

    public IReadOnlyCollection<string> TaskNames => ends.Keys;

    public async Task<TaskResult> RunAsync()
    {
        var work = graph.Tasks.Where(t => !t.Finally).Select(RunNodeAsync).ToList();
        await Task.WhenAll(work);
        // `finally` tasks may depend on one another, and see how all the others ended.
        await Task.WhenAll(graph.Tasks.Where(t => t.Finally).Select(RunNodeAsync).ToList());
        return Collect();
    }

    /// <summary>The end of an earlier task; null if it has not ended or is not of this graph.</summary>
    public TaskResult? EndOf(string task) => ends.TryGetValue(task, out var end) && end.Task.IsCompletedSuccessfully ? end.Task.Result : null;

    private async Task RunNodeAsync(TaskSpec task)
    {
        var path = prefix + task.Name;
        TaskResult result;
        try
        {
            result = await RunReadyAsync(task, path);
        }
        catch (Exception e)
        {
            // A binding or a condition that cannot be resolved: the task fails, not the orchestrator. Nobody may wait for ever.
            result = TaskResult.Fail(e);
            run.Context.ReportProgress(path, result);
        }

        run.Record(path, result);
        ends[task.Name].SetResult(result);
    }

    private async Task<TaskResult> RunReadyAsync(TaskSpec task, string path)
    {
        var upstream = TaskDependencies.Of(task, ends.Keys).Where(ends.ContainsKey).ToList();
        await Task.WhenAll(upstream.Select(name => ends[name].Task));
        if (!task.Finally)
        {
            if (run.IsCanceled)
            {
                return Report(path, TaskResult.Cancel($"The run was {run.CancelReason}."));
            }

            foreach (var name in upstream)
            {
                var end = ends[name].Task.Result;
                if (end.State != TaskState.Succeeded)
                {
                    var how = end.State switch { TaskState.Failed => "failed", TaskState.Canceled => "was cancelled", _ => "was skipped" };
                    return Report(path, TaskResult.Skip($"'{name}' {how}"));
                }
            }
        }

        var node = new NodeRun(run, this, task, path);
        return task.Loop is null ? await node.RunAsync(inputs.Item, path) : await node.RunLoopAsync(task.Loop);
    }

    private TaskResult Report(string path, TaskResult result)
    {
        run.Context.ReportProgress(path, result);
        return result;
    }

    /// <summary>A nested graph's own end: that of its tasks, and its outputs.</summary>
    private TaskResult Collect()
    {
        var all = graph.Tasks.Select(t => ends[t.Name].Task.Result).ToList();
        var worst = all.Find(r => r.State == TaskState.Failed) ?? all.Find(r => r.State == TaskState.Canceled);
        var artifacts = new Dictionary<string, ContentRef>();
        var values = new Dictionary<string, JsonElement>();
        foreach (var (name, sources) in graph.Outputs)
        {
            foreach (var source in sources)
            {
                if (EndOf(source.Task) is not { State: TaskState.Succeeded } end)
                {
                    continue;
                }

                if (end.Artifacts.TryGetValue(source.Output, out var artifact))
                {
                    artifacts[name] = artifact;
                }
                else if (end.Find(source.Output) is { } value)
                {
                    values[name] = value;
                }
                else
                {
                    continue;
                }

                break;
            }
        }

        return new TaskResult
        {
            State = worst?.State ?? TaskState.Succeeded,
            Error = worst?.Error,
            Reason = worst?.Reason,
            Artifacts = artifacts,
            Values = values,
        };
    }
}
