using Serverless.Pipelines.Execution;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>An event of a task, for progress displays.</summary>
public sealed record RunEvent(string RunId, TaskRecord Task);
