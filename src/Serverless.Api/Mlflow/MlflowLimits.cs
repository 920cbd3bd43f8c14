using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Api.Artifacts;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's limits for names and values, with its messages, which its clients' tests check.</summary>
internal static partial class MlflowLimits
{
    public const int MaxKey = 250;
    private const int MaxParamValue = 6000;
    private const int MaxTagValue = 8000;
    private const int MaxExperimentName = 500;
    private const int MaxExperimentTagValue = 5000;
    private const int MaxArtifactLocation = 2048;

    public static void CheckExperimentName(string name)
    {
        if (name.Length == 0)
        {
            throw ServerlessException.Invalid($"Invalid experiment name: '{name}'");
        }

        CheckLength("name", MaxExperimentName, name);
    }

    public static void CheckArtifactLocation(string location)
    {
        if (location.Length > MaxArtifactLocation)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Invalid artifact path length. The length of the artifact path cannot be greater than {MaxArtifactLocation} "
                        + $"characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable."
                )
            );
        }

        var query = location.IndexOf('?', StringComparison.Ordinal);
        if (location.Contains('#', StringComparison.Ordinal) || location.Contains(';', StringComparison.Ordinal))
        {
            throw ServerlessException.Invalid("'artifact_location' URL can't include fragments or params.");
        }

        // `..` in a query string, even encoded, escapes the root of some stores.
        if (query >= 0 && Uri.UnescapeDataString(location[query..]).Contains("..", StringComparison.Ordinal))
        {
            throw ServerlessException.Invalid($"Invalid query string: {location[(query + 1)..]}");
        }
    }

    public static void CheckExperimentTag(string key, string value)
    {
        CheckName(key, "key");
        CheckLength("key", MaxKey, key);
        CheckLength("value", MaxExperimentTagValue, value);
    }

    /// <returns>The tag's value, truncated to the stored length.</returns>
    public static string CheckRunTag(string key, string value, string path = "")
    {
        CheckName(key, Join(path, "key"));
        CheckLength(Join(path, "key"), MaxKey, key);
        return Cut(value, MaxTagValue);
    }

    /// <summary>A run may begin with tags of any name, as on MLflow's server: only later ones are looked at.</summary>
    /// <returns>The tag's value, cut to what is kept.</returns>
    public static string CheckFirstTag(string key, string value)
    {
        CheckLength("key", MaxKey, key);
        return Cut(value, MaxTagValue);
    }

    /// <returns>The param's value, cut to what is kept.</returns>
    public static string CheckParam(string key, string value, string path = "")
    {
        CheckName(key, Join(path, "key"));
        CheckLength("Param key", MaxKey, key);
        return Cut(value, MaxParamValue);
    }

    public static void CheckMetric(string key, string path = "")
    {
        CheckName(key, Join(path, "name"));
        CheckLength("Metric name", MaxKey, key);
    }

    public static void CheckBatch(string what, int limit, int count)
    {
        if (count > limit)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A batch logging request can contain at most {limit} {what}. Got {count} {what}. Please split up {what} across "
                        + $"multiple requests and try again."
                )
            );
        }
    }

    public static void CheckLength(string what, int limit, string value)
    {
        if (CodePoints.Count(value) > limit)
        {
            throw ServerlessException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"'{what}' exceeds the maximum length of {limit} characters")
            );
        }
    }

    /// <summary>A name may become a file name: it must not contain special characters or resolve to another path.</summary>
    public static void CheckName(string name, string path)
    {
        if (!NameCharacters().IsMatch(name))
        {
            throw InvalidValue(
                path,
                name,
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."
            );
        }

        var normal = PosixPath.Normalize(name);
        if (normal != name || normal == "." || normal.StartsWith("..", StringComparison.Ordinal) || normal.StartsWith('/'))
        {
            throw InvalidValue(
                path,
                name,
                $"Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name "
                    + $"would resolve to {PythonText.Repr(DataScalar.Text(normal))}"
            );
        }
    }

    public static ServerlessException InvalidValue(string path, string value, string message) =>
        ServerlessException.Invalid($"Invalid value {RestValues.Compact(value)} for parameter '{path}' supplied: {message}");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Cut(string value, int limit) => CodePoints.Cut(value, limit);

    [GeneratedRegex(@"^[/\w.\- :]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NameCharacters();
}
