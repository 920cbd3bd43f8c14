namespace Serverless.Functions.Durable;

/// <summary>The names of orchestrators and activities. Runs in progress refer to them, so they must never change.</summary>
internal static class DurableNames
{
    public const string Pipeline = "pipeline";
    public const string Batch = "pipeline-batch";
    public const string Job = "pipeline-job";

    public const string Begin = "pipeline-begin";
    public const string StorePart = "pipeline-store-part";
    public const string LoadPart = "pipeline-load-part";
    public const string RunTask = "pipeline-task";
    public const string Report = "pipeline-report";
    public const string End = "pipeline-end";
    public const string StartJob = "pipeline-job-start";
    public const string PollJob = "pipeline-job-poll";

    /// <summary>
    /// The one event of a run: a <see cref="Pipelines.Signal"/>. The engine compares event names case-insensitively, and delivers an event
    /// to a wait that was abandoned. So there is one name and one wait.
    /// </summary>
    public const string Signal = "signal";

    /// <summary>Sent to the orchestration of a container job when its launcher has recorded the result.</summary>
    public const string JobEnded = "job-ended";
}
