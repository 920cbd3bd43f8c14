namespace Serverless.Pipelines;

/// <summary>Something happened to a task: what a progress display shows.</summary>
public sealed record RunEvent(string RunId, TaskRecord Task);
