namespace Serverless.Pipelines.Orchestration;

/// <summary>
/// The world as the orchestrator sees it. An engine may run the orchestrator again from the start at any time; every member then
/// answers what it answered before. The orchestrator awaits nothing else, on one thread at a time, and always comes back to the
/// synchronization context that it was started on.
/// </summary>
public interface IOrchestrationContext
{
    /// <summary>Runs one attempt of a task, or answers how it ended already. It never throws for what the task does.</summary>
    Task<TaskResult> RunTaskAsync(TaskCall call);

    /// <summary>Waits durably; <paramref name="key"/> names the wait within the run.</summary>
    /// <param name="cancellationToken">Cancelled by the orchestrator, when it gives the wait up: no timer may stay behind, and the
    /// wait ends with an <see cref="OperationCanceledException"/>.</param>
    Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Waits for a signal, such as `cancel` or `approve:train`; null if the time is over.</summary>
    /// <param name="cancellationToken">As for <see cref="DelayAsync"/>.</param>
    Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken);

    DateTimeOffset UtcNow { get; }

    /// <summary>Tells the state of a task that no activity reports: waiting, skipped, cancelled.</summary>
    void ReportProgress(string taskPath, int attempt, TaskResult result);
}

/// <summary>What somebody told a run.</summary>
/// <param name="Name">`cancel`, `approve:{task path}`.</param>
/// <param name="IsYes">The answer, for an approval.</param>
public sealed record Signal(string Name, bool IsYes, string? By, string? Reason, DateTimeOffset Time)
{
    public const string Cancel = "cancel";

    /// <summary>Nothing new starts until <see cref="Resume"/>; what runs goes on.</summary>
    public const string Pause = "pause";

    public const string Resume = "resume";

    private const string ApprovalPrefix = "approve:";

    internal bool IsApproval => Name.StartsWith(ApprovalPrefix, StringComparison.Ordinal);

    public static string Approval(string taskPath) => ApprovalPrefix + taskPath;
}
