using Serverless.Tracking;

namespace Serverless.Pipelines;

/// <summary>
/// Walks the graph of a pipeline: what is ready runs, what fails stops what depends on it and nothing else, `finally` tasks run
/// whatever happened. Written once for both engines, so it is deterministic: no clock, no random numbers, no threads, no awaiting
/// of anything but the context and what follows from it. It must be run on one thread at a time.
/// </summary>
public sealed class PipelineOrchestrator
{
    private readonly IOrchestrationContext context;
    private readonly string runId;
    private readonly string experimentId;
    private readonly RunDefinition definition;
    private readonly SortedDictionary<string, TaskResult> results = new(StringComparer.Ordinal);

    private PipelineOrchestrator(IOrchestrationContext context, string runId, string experimentId, RunDefinition definition)
    {
        this.context = context;
        this.runId = runId;
        this.experimentId = experimentId;
        this.definition = definition;
        Slots = new Slots(definition.Parallelism);
    }

    internal IOrchestrationContext Context => context;

    internal RunDefinition Definition => definition;

    internal Slots Slots { get; }

    /// <summary>Ends when somebody cancels the run; not before.</summary>
    internal Task CancelSignal { get; private set; } = Task.CompletedTask;

    internal bool IsCanceled { get; private set; }

    internal string? CancelReason { get; private set; }

    public static async Task<PipelineResult> RunAsync(IOrchestrationContext context, string runId, string experimentId, RunDefinition definition)
    {
        var orchestrator = new PipelineOrchestrator(context, runId, experimentId, definition);
        orchestrator.CancelSignal = orchestrator.WatchCancelAsync();
        var parameters = definition.Pipeline.Parameters;
        await new GraphRun(orchestrator, definition.Pipeline.Graph, "", new GraphInputs(parameters, definition.Sources)).RunAsync();
        return orchestrator.Conclude();
    }

    internal TaskCall CallOf(TaskSpec task, string path, int attempt) => new()
    {
        RunId = runId,
        ExperimentId = experimentId,
        Pipeline = definition.Pipeline.Name,
        Path = path,
        Attempt = attempt,
        Component = task.Component,
        Tracked = task.Tracked,
        Outputs = task.Outputs,
        Timeout = task.Timeout,
        Resources = task.Resources,
        AlwaysChanged = task.AlwaysChanged,
    };

    /// <summary>Keeps a task's end for the run's own.</summary>
    internal TaskResult Record(string path, TaskResult result) => results[path] = result;

    private async Task WatchCancelAsync()
    {
        var signal = await context.WaitForSignalAsync(Signal.Cancel, null);
        IsCanceled = true;
        CancelReason = $"cancelled by {signal?.By ?? "somebody"}" + (signal?.Reason is { } why ? $": {why}" : "");
        Slots.ReleaseAll();
    }

    private PipelineResult Conclude()
    {
        var failed = results.Where(r => r.Value.State == TaskState.Failed).ToList();
        var status = IsCanceled ? RunStatus.Killed
            : failed.Count > 0 || results.Values.Any(r => r.State == TaskState.Canceled) ? RunStatus.Failed
            : RunStatus.Finished;
        var error = status switch
        {
            RunStatus.Killed => new RunError(ErrorCodes.Canceled, $"The run was {CancelReason}."),
            RunStatus.Failed when failed.Count > 0 => new RunError(
                ErrorCodes.TaskFailed,
                string.Join('\n', failed.Select(f => $"{f.Key}: {f.Value.Error?.Message}")),
                failed[0].Value.Error?.Fix),
            RunStatus.Failed => new RunError(
                ErrorCodes.Canceled, string.Join('\n', results.Where(r => r.Value.State == TaskState.Canceled).Select(r => $"{r.Key}: {r.Value.Reason}"))),
            _ => null,
        };
        return new PipelineResult(status, results, error);
    }
}
