namespace Serverless.Api.Http;

/// <summary>What the body of one request may cost. docs/limits.md lists them.</summary>
/// <param name="Bytes">Most bytes, as sent and also unpacked.</param>
internal sealed record BodyLimits(long Bytes)
{
    /// <summary>JSON of the protocols.</summary>
    public static BodyLimits Json { get; } = new(32 << 20);

    /// <summary>Rows to score, and labels.</summary>
    public static BodyLimits Rows { get; } = new(64 << 20);

    /// <summary>A commit that names the files of a version, and a listing of a folder.</summary>
    public static BodyLimits Listing { get; } = new(256 << 20);

    /// <summary>A policy.</summary>
    public static BodyLimits Policy { get; } = new(1 << 20);

    /// <summary>A rollout, a reason.</summary>
    public static BodyLimits Small { get; } = new(64 << 10);

    /// <summary>GitHub sends at most 25 MB.</summary>
    public static BodyLimits Hook { get; } = new(25 << 20);

    /// <summary>A file from MLflow's pages.</summary>
    public static BodyLimits Page { get; } = new(10 << 20);

    /// <summary>How long the body may take to come. Default: 2 minutes.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most values, keys and brackets of JSON. Default: a million.</summary>
    public int Tokens { get; init; } = 1_000_000;

    public string Shown => Bytes >= 1 << 20 ? $"{Bytes >> 20} MiB" : $"{Bytes >> 10} KiB";
}
