namespace Serverless.Pipelines;

/// <summary>
/// The world as the orchestrator sees it. An engine may run the orchestrator again from the start at any time; every member then
/// answers what it answered before. The orchestrator awaits nothing else, and on one thread at a time.
/// </summary>
public interface IOrchestrationContext
{
    /// <summary>Runs one attempt of a task, or answers how it ended already.</summary>
    Task<TaskResult> RunTaskAsync(TaskCall call);

    /// <summary>Waits durably; <paramref name="key"/> names the wait within the run.</summary>
    Task DelayAsync(string key, TimeSpan delay);

    /// <summary>Waits for a signal, such as `cancel` or `approve:train`; null if the time is over.</summary>
    Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout);

    DateTimeOffset UtcNow { get; }

    /// <summary>Tells the state of a task that no activity reports: waiting, skipped, cancelled.</summary>
    void ReportProgress(string taskPath, TaskResult result);
}

/// <summary>What somebody told a run.</summary>
/// <param name="Name">`cancel`, `approve:{task path}`.</param>
/// <param name="IsYes">The answer, for an approval.</param>
public sealed record Signal(string Name, bool IsYes, string? By, string? Reason, DateTimeOffset Time)
{
    public const string Cancel = "cancel";

    public static string Approval(string taskPath) => "approve:" + taskPath;
}
