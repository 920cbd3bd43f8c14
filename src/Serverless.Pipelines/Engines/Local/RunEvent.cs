using Serverless.Pipelines.Execution;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>Something happened to a task: what a progress display shows.</summary>
public sealed record RunEvent(string RunId, TaskRecord Task);
