namespace Serverless.Automation.Policies.Records;

/// <summary>A policy as somebody applied it.</summary>
public sealed record PolicyRevision
{
    public required string Model { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Revision { get; init; }

    /// <summary>The YAML document, word for word.</summary>
    public required string Text { get; init; }

    /// <summary>What the one who applied it called the file.</summary>
    public required string File { get; init; }

    /// <summary>Tells this text and this pipeline from any other.</summary>
    public required string Digest { get; init; }

    /// <summary>Content digest of the pipeline as it was: <see cref="PipelineSnapshot"/>.</summary>
    public required string PipelineDigest { get; init; }

    public required string AppliedBy { get; init; }

    public required DateTimeOffset AppliedAt { get; init; }

    /// <summary>True if a run of the pipeline brought it along, and nobody applied it by hand.</summary>
    public bool CameWithRun { get; init; }
}
