using Serverless.Core;

namespace Serverless.Monitoring.Drift;

/// <summary>The names of the sets of rules by which columns are compared.</summary>
public static class DriftPresets
{
    /// <summary>
    /// Two-sample tests at a false discovery rate over the columns, with a floor on the effect, and tests of nulls, infinities and new
    /// categories.
    /// </summary>
    public const string Default = "default";

    /// <summary>The default rules of Evidently, verdict by verdict.</summary>
    public const string Evidently = "evidently";

    public static IReadOnlyList<string> All { get; } = [Default, Evidently];

    /// <exception cref="ServerlessException">There is no preset of this name; says which there are.</exception>
    public static void Check(string name)
    {
        if (!All.Contains(name, StringComparer.Ordinal))
        {
            throw ServerlessException.Invalid(
                $"'{name}' is not a preset of drift reports: it is one of {string.Join(", ", All)}.",
                NearestName.Find(name, All) is { } nearest ? $"Did you mean '{nearest}'?" : "Name one of these."
            );
        }
    }
}
