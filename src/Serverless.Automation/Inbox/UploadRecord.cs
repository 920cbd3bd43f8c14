using Serverless.Data.Datasets;
using Serverless.Storage.Content;

namespace Serverless.Automation.Inbox;

/// <summary>The state of an upload.</summary>
public enum UploadState
{
    /// <summary>Accepted: it is a version of its dataset.</summary>
    Versioned,

    /// <summary>Rejected: <see cref="UploadRecord.Reason"/> says why.</summary>
    Refused,
}

/// <summary>An upload and its result.</summary>
public sealed record UploadRecord
{
    public required string Key { get; init; }

    public required string Dataset { get; init; }

    public required string File { get; init; }

    /// <summary>When it was uploaded, and when it was read.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    public required DateTimeOffset ReadAt { get; init; }

    public required UploadState State { get; init; }

    /// <summary>Why it was rejected.</summary>
    public string? Reason { get; init; }

    /// <summary>True if its columns differ from those of the reference.</summary>
    public bool SchemaChanged { get; init; }

    public ContentRef? Content { get; init; }

    public long Rows { get; init; }

    /// <summary>The dataset version created from it.</summary>
    public int? Version { get; init; }

    /// <summary>The drift triggers' findings, per model.</summary>
    public IReadOnlyList<DriftFinding> Drift { get; init; } = [];

    /// <summary>True once every model's policy has processed it.</summary>
    public bool IsAnswered { get; init; }
}

/// <summary>A drift trigger's findings in an upload.</summary>
public sealed record DriftFinding
{
    public required string Model { get; init; }

    public required string Trigger { get; init; }

    public required bool HasDrifted { get; init; }

    /// <summary>The share of drifted columns, or of their weights.</summary>
    public required double Share { get; init; }

    public required double Threshold { get; init; }

    public required bool IsWeighted { get; init; }

    /// <summary>Why all columns count equally although the policy weighs them. Null otherwise.</summary>
    public string? Unweighed { get; init; }

    public required int Columns { get; init; }

    public required int DriftedColumns { get; init; }

    /// <summary>The drifted columns, strongest drift first.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public required string Preset { get; init; }

    public required string Reference { get; init; }

    /// <summary>The artifact path of the report, without `.json` or `.html`.</summary>
    public required string Report { get; init; }
}

/// <summary>A version of a dataset that was uploaded to the inbox.</summary>
public sealed record InboxVersion
{
    public required string Dataset { get; init; }

    public required int Version { get; init; }

    public required ContentRef Content { get; init; }

    public required string File { get; init; }

    public required long Rows { get; init; }

    public required DateTimeOffset At { get; init; }

    internal static InboxVersion Of(string dataset, DatasetVersion version) =>
        new()
        {
            Dataset = dataset,
            Version = version.Number,
            Content = new ContentRef(version.Digest, version.Size ?? 0),
            File = version.File ?? dataset,
            Rows = version.Rows ?? 0,
            At = version.At,
        };
}
