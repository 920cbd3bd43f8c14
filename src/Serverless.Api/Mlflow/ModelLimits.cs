using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's limits for the registry, with its messages.</summary>
internal static partial class ModelLimits
{
    private const int MaxTagValue = 5000;
    private const int MaxAlias = 255;

    public static void CheckName(string name)
    {
        if (name.Length == 0)
        {
            throw Missing("name");
        }
    }

    public static void CheckTag(string key, string value)
    {
        MlflowLimits.CheckName(key, "key");
        MlflowLimits.CheckLength("key", MlflowLimits.MaxKey, key);
        MlflowLimits.CheckLength("value", MaxTagValue, value);
    }

    public static void CheckAlias(string alias)
    {
        if (!AliasCharacters().IsMatch(alias))
        {
            throw ServerlessException.Invalid(
                $"Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
            );
        }

        MlflowLimits.CheckLength("Registered model alias name", MaxAlias, alias);
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            throw ServerlessException.Invalid("'latest' alias name (case insensitive) is reserved.");
        }

        if (VersionAlias().IsMatch(alias))
        {
            throw ServerlessException.Invalid($"Version alias name '{alias}' is reserved.");
        }
    }

    /// <summary>The version that a request names. A number that is too large does not exist.</summary>
    public static int Version(RestCall call)
    {
        var text = call.TextOr("version");
        if (!BigInteger.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
        {
            throw ServerlessException.Invalid($"Parameter 'version' must be an integer, got '{text}'.");
        }

        return number > 0 && number <= int.MaxValue
            ? (int)number
            : throw ServerlessException.NotFound($"Model Version (name={call.TextOr("name")}, version={text.Trim()}) not found");
    }

    /// <summary>
    /// The number of results for a search, checked first with the message of MLflow's server, then with that of its store, which names the
    /// limit.
    /// </summary>
    public static int MaxResults(RestCall call, int most, int standard, string what)
    {
        var max = call.Int64("max_results") ?? standard;
        return max <= most
            ? (int)Math.Max(max, -1)
            : throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Invalid value {RestValues.Compact(call.Raw("max_results")!.Value)} for parameter 'max_results' supplied: "
                        + $"{what} It must be at most {most}, but got value {max}"
                )
            );
    }

    private static ServerlessException Missing(string name) =>
        ServerlessException.Invalid($"Missing value for required parameter '{name}'.");

    [GeneratedRegex(@"^[\w\-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex AliasCharacters();

    [GeneratedRegex("^[vV][0-9]+$")]
    private static partial Regex VersionAlias();
}
