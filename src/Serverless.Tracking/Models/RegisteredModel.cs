namespace Serverless.Tracking;

/// <summary>A model: a name with versions. Version numbers are never used twice.</summary>
public sealed record RegisteredModel(string Name, int LastVersion, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>One change of the registry.</summary>
public sealed record AuditEntry(DateTimeOffset Time, string By, string Action, int Version, Stage? From, Stage? To, string? Why);

internal static class ModelNames
{
    /// <summary>MLflow's rule: a name is a part of URIs, so it holds neither `/` nor `:` and is not empty.</summary>
    public static void Check(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny('/', ':') || name.Length > 256)
        {
            throw ServerlessException.Invalid($"'{name}' is not a model name.", "Use 1 to 256 characters without '/' and ':'.");
        }
    }
}
