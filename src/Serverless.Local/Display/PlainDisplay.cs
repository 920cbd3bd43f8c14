using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Display;

/// <summary>One line per event, for files and CI.</summary>
internal sealed class PlainDisplay : IRunDisplay
{
    private readonly Lock gate = new();
    private readonly int total;
    private readonly HashSet<string> ended = [];

    public PlainDisplay(Run run, PipelineSpec pipeline)
    {
        total = pipeline.Graph.Tasks.Count;
        Console.Out.WriteLine($"run {run.Id[..8]} of {pipeline.Name}: {total} tasks");
    }

    public void On(RunEvent happened)
    {
        var task = happened.Task;
        lock (gate)
        {
            var hasEnded = task.State is not (TaskState.Running or TaskState.WaitingForApproval);
            if (hasEnded)
            {
                ended.Add(task.Path);
            }

            var progress = hasEnded ? $"[{ended.Count}/{Math.Max(total, ended.Count)}] " : "";
            var words = task.Result.IsCacheHit ? "cache hit" : RunText.Words(task.State.ToString());
            var attempt = task.Attempt > 1 ? $" (attempt {task.Attempt})" : "";
            var time =
                task.State is TaskState.Succeeded or TaskState.Failed && !task.Result.IsCacheHit && RunText.TimeOf(task) is not null
                    ? " in " + RunText.Time(RunText.TimeOf(task))
                    : "";
            var why = task.Result.Error?.Message ?? task.Result.Reason;
            Console.Out.WriteLine($"{progress}{task.Path}: {words}{attempt}{time}{(why is null ? "" : ": " + why)}");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
