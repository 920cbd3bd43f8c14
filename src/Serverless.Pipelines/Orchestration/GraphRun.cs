using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>One pass over a graph: every task starts as soon as its dependencies have ended.</summary>
/// <remarks>
/// It waits for one task after the other instead of for all at once: `Task.WhenAll` may complete on a thread of the pool when the
/// stack is deep, which an engine that replays does not allow.
/// </remarks>
internal sealed class GraphRun(PipelineOrchestrator run, GraphSpec graph, GraphPlace place, GraphInputs inputs)
{
    private readonly Dictionary<string, TaskCompletionSource<TaskResult>> ends = graph.Tasks.ToDictionary(
        t => t.Name,
        _ => new TaskCompletionSource<TaskResult>()
    );

    private readonly Dictionary<string, IReadOnlySet<string>> upstream = [];

    public GraphInputs Inputs => inputs;

    public GraphPlace Place => place;

    public IReadOnlyCollection<string> TaskNames => ends.Keys;

    public async Task<TaskResult> RunAsync()
    {
        foreach (var task in graph.Tasks)
        {
            upstream[task.Name] = TaskDependencies.Of(task, ends.Keys);
        }

        TaskDependencies.Check(graph, upstream);
        await AllAsync(graph.Tasks.Where(t => !t.Finally));
        // `finally` tasks may depend on one another, and see how all the others ended.
        await AllAsync(graph.Tasks.Where(t => t.Finally));
        return Collect();
    }

    /// <summary>Returns the result of an earlier task; null if it has not ended or is not in this graph.</summary>
    public TaskResult? EndOf(string task) =>
        ends.TryGetValue(task, out var end) && end.Task.IsCompletedSuccessfully ? end.Task.Result : null;

    public bool IsLoop(string task) => graph.Tasks.Any(t => t.Name == task && t.Loop is not null);

    private async Task AllAsync(IEnumerable<TaskSpec> tasks)
    {
        foreach (var work in tasks.Select(RunNodeAsync).ToList())
        {
            await work;
        }
    }

    private async Task RunNodeAsync(TaskSpec task)
    {
        var path = place.Prefix + task.Name;
        TaskResult result;
        try
        {
            result = await RunReadyAsync(task, path);
        }
        catch (Exception e)
        {
            // A binding or condition that cannot be resolved fails the task, not the orchestrator. No task may wait forever.
            result = Report(path, TaskResult.Fail(e));
        }

        run.Record(path, result);
        ends[task.Name].SetResult(result);
    }

    private async Task<TaskResult> RunReadyAsync(TaskSpec task, string path)
    {
        foreach (var name in upstream[task.Name])
        {
            await ends[name].Task;
        }

        var node = new NodeRun(run, this, task, path);
        if (node.IsStopped)
        {
            return Report(path, run.Canceled());
        }

        if (!task.Finally && !task.IgnoreUpstreamFailure)
        {
            foreach (var name in upstream[task.Name])
            {
                var end = ends[name].Task.Result;
                if (end.State != TaskState.Succeeded)
                {
                    var how = end.State switch
                    {
                        TaskState.Failed => "failed",
                        TaskState.Canceled => "was cancelled",
                        _ => "was skipped",
                    };
                    return Report(path, TaskResult.Skip($"'{name}' {how}"));
                }
            }
        }

        return task.Loop is null ? await node.RunAsync(inputs.Item, path) : await node.RunLoopAsync(task.Loop);
    }

    private TaskResult Report(string path, TaskResult result)
    {
        run.Context.ReportProgress(path, place.FirstAttempt, result);
        return result;
    }

    /// <summary>Returns the graph's own result: that of its tasks, and its outputs.</summary>
    private TaskResult Collect()
    {
        var all = graph.Tasks.Select(t => ends[t.Name].Task.Result).ToList();
        var worst = TaskResult.Worst(all);
        var artifacts = new Dictionary<string, ContentRef>();
        var infos = new Dictionary<string, ArtifactInfo>();
        var values = new Dictionary<string, JsonElement>();
        foreach (var (name, sources) in graph.Outputs)
        {
            foreach (var source in sources)
            {
                if (EndOf(source.Task) is not { State: TaskState.Succeeded } end)
                {
                    continue;
                }

                if (ArtifactValue.Of(end, source.Output) is { } found)
                {
                    var isSingle = end.Artifacts.ContainsKey(source.Output);
                    for (var i = 0; i < found.Count; i++)
                    {
                        var key = isSingle ? name : ArtifactValue.Element(name, i);
                        artifacts[key] = found[i].Content;
                        if (found[i].Info is { } info)
                        {
                            infos[key] = info;
                        }
                    }
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
            ArtifactInfos = infos,
            Values = values,
        };
    }
}
