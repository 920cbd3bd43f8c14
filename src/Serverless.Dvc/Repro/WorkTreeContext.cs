using Serverless.Core;
using Serverless.Dvc.Projects;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Dvc.Repro;

/// <summary>
/// The orchestrator's context for reproducing stages in the user's own work tree: a task is a stage, and dvc.lock is its journal, so a
/// killed run continues where the lock ends.
/// </summary>
/// <remarks>
/// The consequences of a failure are decided here, by DVC's rules: tasks wait for one another, but do not fail one another.
/// </remarks>
internal sealed class WorkTreeContext(
    ReproPlan plan,
    StageWork work,
    ReproOptions options,
    Action<ReproEvent> tell,
    CancellationToken canceled
) : IOrchestrationContext
{
    private readonly Dictionary<string, RepoStage> stages = plan.Stages.ToDictionary(s => s.Addressing, StringComparer.Ordinal);
    private readonly Dictionary<RepoStage, StageReport> reports = [];
    private readonly HashSet<RepoStage> skipped = [];
    private readonly HashSet<RepoStage> forced = [];

    public DateTimeOffset UtcNow => TimeProvider.System.GetUtcNow();

    /// <summary>Gets the outcomes of the stages. Stages that were never reached were skipped.</summary>
    public IReadOnlyList<StageReport> Reports =>
        [.. plan.Stages.Select(s => reports.GetValueOrDefault(s) ?? new StageReport(s.Addressing, StageEnd.Skipped, []))];

    private bool HasFailed => reports.Values.Any(r => r.End == StageEnd.Failed);

    public async Task<TaskResult> RunTaskAsync(TaskCall call)
    {
        var stage = stages[call.Path];
        if (canceled.IsCancellationRequested || skipped.Contains(stage) || (options.OnError == OnError.Fail && HasFailed))
        {
            return TaskResult.Skip("an upstream stage failed, or the run was stopped");
        }

        try
        {
            var isForced = options.Force || forced.Contains(stage);
            var upstream = plan.UpstreamOf(stage).ToList();
            var report = await Task.Run(() => RunAsync(stage, call.Timeout, isForced, upstream), CancellationToken.None);
            reports[stage] = report;
            if (options.ForceDownstream && (isForced || report.End != StageEnd.Unchanged))
            {
                forced.UnionWith(plan.DownstreamOf(stage));
            }

            return new TaskResult { State = TaskState.Succeeded, IsCacheHit = report.End != StageEnd.Ran };
        }
        catch (OperationCanceledException) when (canceled.IsCancellationRequested)
        {
            return TaskResult.Cancel("The run was stopped.");
        }
        catch (Exception e) when (e is ServerlessException or IOException or UnauthorizedAccessException)
        {
            if (call.Attempt >= (stage.Retry?.Attempts ?? 1))
            {
                Fail(stage, e as ServerlessException ?? new ServerlessException(ErrorCodes.Environment, e.Message, status: 500, inner: e));
            }

            return TaskResult.Fail(e);
        }
    }

    public Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken) =>
        Task.Delay(delay, TimeProvider.System, cancellationToken);

    // Nobody sends signals: the process that started the run stops it.
    public async Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        await Task.Delay(timeout ?? Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return null;
    }

    public void ReportProgress(string taskPath, int attempt, TaskResult result) { }

    private async Task<StageReport> RunAsync(RepoStage stage, TimeSpan? timeout, bool isForced, List<RepoStage> upstream)
    {
        if (timeout is not { } limit)
        {
            return await work.RunAsync(stage, isForced, upstream, canceled);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(canceled);
        over.CancelAfter(limit);
        try
        {
            return await work.RunAsync(stage, isForced, upstream, over.Token);
        }
        catch (OperationCanceledException) when (!canceled.IsCancellationRequested)
        {
            throw new ServerlessException(ErrorCodes.TaskTimedOut, $"it did not end within {limit}", "Increase `timeout`.", status: 500);
        }
    }

    private void Fail(RepoStage stage, ServerlessException error)
    {
        reports[stage] = new StageReport(stage.Addressing, StageEnd.Failed, reports.GetValueOrDefault(stage)?.Why ?? [], error);
        tell(new ReproEvent.Failed(stage.Addressing, error, options.OnError == OnError.Ignore));
        if (options.OnError != OnError.KeepGoing)
        {
            return;
        }

        var dependents = plan.DependentsOf(stage);
        skipped.UnionWith(dependents);
        if (dependents.Count > 0)
        {
            tell(new ReproEvent.Skipping(stage.Addressing, [.. dependents.Select(d => d.Addressing).Order(StringComparer.Ordinal)]));
        }
    }
}
