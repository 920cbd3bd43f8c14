namespace Serverless.Pipelines;

/// <summary>A condition over earlier outputs and parameters (`when`).</summary>
public sealed class Condition;
