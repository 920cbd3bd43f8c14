namespace Serverless.Pipelines.Orchestration;

/// <summary>
/// The orchestrator's view of the world. An engine may run the orchestrator again from the start at any time; every member then returns
/// what it returned before. The orchestrator awaits nothing else, uses one thread at a time, and always returns to the synchronization
/// context that it was started on.
/// </summary>
public interface IOrchestrationContext
{
    /// <summary>Runs one attempt of a task, or returns its recorded result. Never throws for a failure of the task.</summary>
    Task<TaskResult> RunTaskAsync(TaskCall call);

    /// <summary>Waits durably. <paramref name="key"/> identifies the wait within the run.</summary>
    /// <param name="cancellationToken">Cancelled by the orchestrator when it gives up the wait: no timer may remain, and the wait ends
    /// with an <see cref="OperationCanceledException"/>.</param>
    Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Waits for a signal, such as `cancel` or `approve:train`. Returns null on timeout.</summary>
    /// <param name="cancellationToken">As for <see cref="DelayAsync"/>.</param>
    Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken);

    DateTimeOffset UtcNow { get; }

    /// <summary>Reports the state of a task that no activity reports: waiting, skipped, cancelled.</summary>
    void ReportProgress(string taskPath, int attempt, TaskResult result);
}

/// <summary>A signal to a run.</summary>
/// <param name="Name">`cancel`, `approve:{task path}`.</param>
/// <param name="IsYes">The answer, for an approval.</param>
public sealed record Signal(string Name, bool IsYes, string? By, string? Reason, DateTimeOffset Time)
{
    public const string Cancel = "cancel";

    /// <summary>Prevents new work until <see cref="Resume"/>. Running work continues.</summary>
    public const string Pause = "pause";

    public const string Resume = "resume";

    private const string ApprovalPrefix = "approve:";

    internal bool IsApproval => Name.StartsWith(ApprovalPrefix, StringComparison.Ordinal);

    public static string Approval(string taskPath) => ApprovalPrefix + taskPath;
}
