using System.Globalization;
using Serverless.Core;

namespace Serverless.Tracking.Models;

/// <summary>
/// Resolves version URIs: `models:/churn/3`, `models:/churn/Production`, `models:/churn/latest`, `models:/churn@champion`.
/// </summary>
internal sealed class ModelUris(ModelTable table)
{
    private const string Scheme = "models:";

    /// <summary>Returns the location of the version that a source refers to, or null if the source is not such a URI.</summary>
    public async Task<string?> ResolveAsync(string source, CancellationToken cancellationToken)
    {
        if (!source.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            return (await FindAsync(source, cancellationToken)).DownloadUri;
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            throw ServerlessException.Invalid(
                $"Unable to fetch model from model URI source artifact location '{source}'.Error: {e.Message}"
            );
        }
    }

    private async Task<ModelVersion> FindAsync(string uri, CancellationToken cancellationToken)
    {
        var path = uri[Scheme.Length..];
        var parts = path.TrimStart('/').Split('/');
        if (!path.StartsWith('/') || parts.Length > 2 || parts.Any(string.IsNullOrWhiteSpace))
        {
            throw Improper(uri);
        }

        var at = parts.Length == 1 ? parts[0].LastIndexOf('@') : -1;
        var (name, suffix) =
            parts.Length == 2 ? (parts[0], parts[1])
            : at > 0 && at < parts[0].Length - 1 ? (parts[0][..at], parts[0][(at + 1)..])
            : throw Improper(uri);
        var state = await table.FindAsync(name, cancellationToken) ?? throw ModelErrors.ModelNotFound(name);
        if (at > 0)
        {
            return (state.Model.Aliases.TryGetValue(suffix, out var aliased) ? state.Find(aliased) : null)
                ?? throw ServerlessException.Invalid($"Registered model alias {suffix} not found.");
        }

        if (suffix.All(char.IsAsciiDigit))
        {
            return (int.TryParse(suffix, CultureInfo.InvariantCulture, out var number) ? state.Find(number) : null)
                ?? throw ModelErrors.VersionNotFound(name, suffix);
        }

        return (
                suffix.Equals("latest", StringComparison.OrdinalIgnoreCase)
                    ? state.Versions.LastOrDefault()
                    : state.Latest(Stages.Parse(suffix))
            ) ?? throw ServerlessException.NotFound($"No versions of model with name '{name}' and stage '{suffix}' found");
    }

    private static ServerlessException Improper(string uri) =>
        ServerlessException.Invalid(
            $"Not a proper models:/ URI: {uri}. Models URIs must be of the form 'models:/model_name/suffix' or "
                + $"'models:/model_name@alias' where suffix is a model version, "
                + "stage, or the string 'latest' and where alias is a registered model alias. Only one of suffix or alias can be "
                + "defined at a time."
        );
}

/// <summary>Parses the name of a stage, case-insensitive.</summary>
public static class Stages
{
    public static Stage Parse(string text) =>
        Enum.TryParse<Stage>(text, ignoreCase: true, out var stage) && stage.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)
            ? stage
            : throw ServerlessException.Invalid(
                $"Invalid Model Version stage: {text}. Value must be one of {string.Join(", ", Enum.GetNames<Stage>())}."
            );
}
