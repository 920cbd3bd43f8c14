namespace Serverless.Automation.Policies.Records;

/// <summary>An applied policy.</summary>
public sealed record PolicyRevision
{
    public required string Model { get; init; }

    /// <summary>The revision number, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>The YAML document, verbatim.</summary>
    public required string Text { get; init; }

    /// <summary>The file name given when it was applied.</summary>
    public required string File { get; init; }

    /// <summary>The digest of the text and the pipeline.</summary>
    public required string Digest { get; init; }

    /// <summary>The digest of the pipeline's <see cref="PipelineSnapshot"/>.</summary>
    public required string PipelineDigest { get; init; }

    public required string AppliedBy { get; init; }

    public required DateTimeOffset AppliedAt { get; init; }

    /// <summary>True if a run of the pipeline applied it, rather than a person.</summary>
    public bool CameWithRun { get; init; }
}
