using System.Text.Json.Serialization;

namespace Serverless.Tracking.LoggedModels;

/// <summary>The state of a logged model, with the protocol's numbers.</summary>
public enum LoggedModelStatus
{
    Unspecified,
    Pending,
    Ready,
    Failed,
}

/// <summary>
/// A model that an MLflow 3 client logged. It belongs to an experiment and may come from a run; its metrics may come from many runs. A
/// version of a registered model may be created from it.
/// </summary>
public sealed record LoggedModel
{
    /// <summary>Gets the id: `m-` and 32 hex digits.</summary>
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public string? ModelType { get; init; }

    public string? SourceRunId { get; init; }

    public LoggedModelStatus Status { get; init; } = LoggedModelStatus.Pending;

    public required string ArtifactUri { get; init; }

    /// <summary>Gets the time in milliseconds since 1970.</summary>
    public long CreationTime { get; init; }

    public long LastUpdateTime { get; init; }

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<LoggedModelMetric> Metrics { get; init; } = [];

    /// <summary>Gets the time of the soft deletion.</summary>
    public long? DeletedMilliseconds { get; init; }

    [JsonIgnore]
    public bool IsDeleted => DeletedMilliseconds is not null;

    public static bool IsId(string text) =>
        text.Length == 34 && text.StartsWith("m-", StringComparison.Ordinal) && text.AsSpan(2).IndexOfAnyExcept("0123456789abcdef") < 0;
}

/// <summary>A point of a logged model's metric, with the run that measured it and the dataset.</summary>
public sealed record LoggedModelMetric(
    string Key,
    double Value,
    long Timestamp,
    long Step,
    string? RunId = null,
    string? DatasetName = null,
    string? DatasetDigest = null
);
