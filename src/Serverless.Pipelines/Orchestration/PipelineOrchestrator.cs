using Serverless.Core;
using Serverless.Pipelines.Model;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Orchestration;

/// <summary>
/// Walks the graph of a pipeline: ready tasks run, a failure stops only what depends on it, `finally` tasks run whatever happened. Written
/// once for both engines and therefore deterministic: no clock, no random numbers, no threads, no awaiting of anything but the context and
/// what follows from it. Must run on one thread at a time.
/// </summary>
public sealed class PipelineOrchestrator
{
    private readonly IOrchestrationContext context;
    private readonly string runId;
    private readonly string experimentId;
    private readonly RunDefinition definition;
    private readonly CancellationTokenSource canceling = new();
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

    /// <summary>Gets a token that is cancelled when the run is.</summary>
    internal CancellationToken CancelToken => canceling.Token;

    internal bool IsCanceled { get; private set; }

    internal string? CancelReason { get; private set; }

    public static async Task<PipelineResult> RunAsync(
        IOrchestrationContext context,
        string runId,
        string experimentId,
        RunDefinition definition
    )
    {
        var orchestrator = new PipelineOrchestrator(context, runId, experimentId, definition);
        using var ended = new CancellationTokenSource();
        var watch = orchestrator.WatchCancelAsync(ended.Token);
        var pipeline = definition.Pipeline;
        var inputs = new GraphInputs(
            ParameterSpec.Apply(pipeline.Accepts, pipeline.Parameters, pipeline.Name),
            new Dictionary<string, IReadOnlyList<ArtifactValue>>()
        );
        var outputs = await new GraphRun(orchestrator, pipeline.Graph, GraphPlace.Root, inputs).RunAsync();
        ended.Cancel();
        await watch;
        return orchestrator.Conclude(outputs);
    }

    internal TaskCall CallOf(TaskSpec task, string path, bool isShielded) =>
        new()
        {
            RunId = runId,
            ExperimentId = experimentId,
            Pipeline = definition.Pipeline.Name,
            Path = path,
            Attempt = 1,
            Component = task.Component,
            Tracked = task.Tracked,
            Outputs = task.Outputs,
            Timeout = task.Timeout,
            Resources = task.Resources,
            Platform = task.Platform,
            AlwaysChanged = task.AlwaysChanged || task.Component is ComponentSpec.Import { Reimport: true },
            CacheKey = task.CacheKey,
            IsShielded = isShielded,
        };

    internal TaskResult Canceled() => TaskResult.Cancel($"The run was {CancelReason}.");

    /// <summary>Keeps a task's result for that of the run.</summary>
    internal TaskResult Record(string path, TaskResult result) => results[path] = result;

    private async Task WatchCancelAsync(CancellationToken ended)
    {
        Signal? signal;
        try
        {
            signal = await context.WaitForSignalAsync(Signal.Cancel, null, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }

        IsCanceled = true;
        CancelReason = $"cancelled by {signal?.By ?? "an unknown user"}" + (signal?.Reason is { } why ? $": {why}" : "");
        canceling.Cancel();
    }

    private PipelineResult Conclude(TaskResult outputs)
    {
        var status =
            IsCanceled ? RunStatus.Killed
            : outputs.State == TaskState.Succeeded ? RunStatus.Finished
            : RunStatus.Failed;
        var failed = Innermost(TaskState.Failed);
        var error = status switch
        {
            RunStatus.Killed => new RunError(ErrorCodes.Canceled, $"The run was {CancelReason}."),
            RunStatus.Failed when failed.Count > 0 => new RunError(
                ErrorCodes.TaskFailed,
                string.Join('\n', failed.Select(f => $"{f.Key}: {f.Value.Error?.Message}")),
                failed[0].Value.Error?.Fix
            ),
            RunStatus.Failed => new RunError(
                ErrorCodes.Canceled,
                string.Join('\n', Innermost(TaskState.Canceled).Select(r => $"{r.Key}: {r.Value.Reason}"))
            ),
            _ => null,
        };
        return new PipelineResult(status, results, error) { Outputs = outputs };
    }

    /// <summary>A graph or loop ends like its content. The reason is reported once, where it occurred.</summary>
    private List<KeyValuePair<string, TaskResult>> Innermost(TaskState state)
    {
        var found = results.Where(r => r.Value.State == state).ToList();
        var outer = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, _) in found)
        {
            for (var i = 1; i < path.Length; i++)
            {
                if (path[i] is '/' or '[')
                {
                    outer.Add(path[..i]);
                }
            }
        }

        return [.. found.Where(r => !outer.Contains(r.Key))];
    }
}
