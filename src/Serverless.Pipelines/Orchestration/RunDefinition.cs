using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>What a run does, fixed when it is submitted and stored by digest: an edit of the files never changes a run under way.</summary>
public sealed record RunDefinition
{
    public required PipelineSpec Pipeline { get; init; }

    /// <summary>The source files and folders, by their path from the pipeline's folder.</summary>
    public IReadOnlyDictionary<string, ContentRef> Sources { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>How many tasks run at a time.</summary>
    public int Parallelism { get; init; } = 4;
}
