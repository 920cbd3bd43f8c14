using Serverless.Core;
using Serverless.Core.Security;

namespace Serverless.Tracking.Models;

/// <summary>A model: a name with versions.</summary>
public sealed record RegisteredModel
{
    /// <summary>What its rows are found by; it outlives every name.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>The number of the version made last. Numbers are never used twice.</summary>
    public int LastVersion { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Version by alias.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init; } = new Dictionary<string, int>();

    /// <summary>How its requests are shared while a challenger takes over; null if the version in Production answers all.</summary>
    public TrafficSplit? Split { get; init; }

    public string? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A rename counts as an update of every version, without writing one of them.</summary>
    public DateTimeOffset? RenamedAt { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }
}

/// <summary>One change of the registry.</summary>
/// <param name="Version">0 if the model itself changed.</param>
/// <param name="What">Which tag or alias.</param>
public sealed record AuditEntry(
    DateTimeOffset Time,
    string By,
    string Action,
    int Version,
    string? From = null,
    string? To = null,
    string? Why = null,
    string? What = null
)
{
    /// <summary>How much of a long value the history keeps.</summary>
    private const int Longest = 200;

    /// <summary>A value as the history may show it.</summary>
    public static string? Shown(string name, string? value) =>
        value is null ? null
        : Secrets.IsSecret(name, value) ? Secrets.Mask
        : value.Length <= Longest ? value
        : string.Concat(value.AsSpan(0, Longest), "…");
}

/// <summary>The registry's errors, in MLflow's words: its clients look at them.</summary>
internal static class ModelErrors
{
    public static ServerlessException ModelNotFound(string name) =>
        ServerlessException.NotFound($"Registered Model with name={name} not found", "`mlops models` lists them.");

    public static ServerlessException VersionNotFound(string name, object version) =>
        ServerlessException.NotFound(
            $"Model Version (name={name}, version={version}) not found",
            $"`mlops models {name}` lists its versions."
        );

    public static ServerlessException Exists(string message) => new(ErrorCodes.ResourceAlreadyExists, message);
}

internal static class ModelNames
{
    public const int Longest = 256;

    /// <summary>Every client takes `.` and `..` out of an address before it asks: a model of that name could never be served.</summary>
    public static void CheckServable(string name)
    {
        if (name is "." or "..")
        {
            throw ServerlessException.Invalid($"'{name}' is not a model name.", "Use a name that does not mean a folder.");
        }
    }

    /// <summary>A pipeline's model is named in URIs, so its name holds neither `/` nor `:`.</summary>
    public static void CheckForUri(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny('/', ':') || name.Length > Longest)
        {
            throw ServerlessException.Invalid($"'{name}' is not a model name.", "Use 1 to 256 characters without '/' and ':'.");
        }
    }
}
