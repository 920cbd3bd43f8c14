using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>The definition of a run, fixed on submission and stored by digest. Editing the files never changes a run in progress.</summary>
public sealed record RunDefinition
{
    public required PipelineSpec Pipeline { get; init; }

    /// <summary>Gets the source files and folders by path, relative to the pipeline's folder.</summary>
    public IReadOnlyDictionary<string, ContentRef> Sources { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>Gets the maximum number of parallel tasks.</summary>
    public int Parallelism { get; init; } = 4;
}
