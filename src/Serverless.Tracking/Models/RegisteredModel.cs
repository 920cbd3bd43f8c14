using Serverless.Core;
using Serverless.Core.Security;

namespace Serverless.Tracking.Models;

/// <summary>A registered model: a name with versions.</summary>
public sealed record RegisteredModel
{
    /// <summary>Gets the id that its rows are stored under, independent of its name.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Gets the number of the latest version. Numbers are never reused.</summary>
    public int LastVersion { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the versions by alias.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init; } = new Dictionary<string, int>();

    /// <summary>Gets how requests are split while a challenger takes over; null if the version in Production answers all.</summary>
    public TrafficSplit? Split { get; init; }

    public string? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Gets the time of the last rename, which counts as an update of every version without writing any of them.</summary>
    public DateTimeOffset? RenamedAt { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }
}

/// <summary>An entry of the registry's history.</summary>
/// <param name="Version">The version, or 0 if the model itself changed.</param>
/// <param name="What">The changed tag or alias.</param>
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
    /// <summary>The maximum length of a value in the history.</summary>
    private const int Longest = 200;

    /// <summary>Shortens a value for the history.</summary>
    public static string? Shown(string name, string? value) =>
        value is null ? null
        : Secrets.IsSecret(name, value) ? Secrets.Mask
        : value.Length <= Longest ? value
        : string.Concat(value.AsSpan(0, Longest), "…");
}

/// <summary>The registry's errors in MLflow's wording, because its clients parse them.</summary>
internal static class ModelErrors
{
    public static ServerlessException ModelNotFound(string name) =>
        ServerlessException.NotFound($"Registered Model with name={name} not found", "List the models with `mlops models`.");

    public static ServerlessException VersionNotFound(string name, object version) =>
        ServerlessException.NotFound(
            $"Model Version (name={name}, version={version}) not found",
            $"List its versions with `mlops models {name}`."
        );

    public static ServerlessException Exists(string message) => new(ErrorCodes.ResourceAlreadyExists, message);
}

internal static class ModelNames
{
    public const int Longest = 256;

    /// <summary>Rejects `.` and `..`, which every client removes from a URL: such a model could never be served.</summary>
    public static void CheckServable(string name)
    {
        if (name is "." or "..")
        {
            throw ServerlessException.Invalid($"'{name}' is not a valid model name.", "Use a name that does not mean a folder.");
        }
    }

    /// <summary>Checks the name of a pipeline's model, which occurs in URIs and therefore contains neither `/` nor `:`.</summary>
    public static void CheckForUri(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny('/', ':') || name.Length > Longest)
        {
            throw ServerlessException.Invalid($"'{name}' is not a valid model name.", "Use 1 to 256 characters without '/' and ':'.");
        }
    }
}
