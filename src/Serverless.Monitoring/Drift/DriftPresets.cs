using Serverless.Core;

namespace Serverless.Monitoring.Drift;

/// <summary>The names of the presets for comparing columns.</summary>
public static class DriftPresets
{
    /// <summary>
    /// Two-sample tests at a false discovery rate across the columns, with a minimum effect, and tests of nulls, infinities and new
    /// categories.
    /// </summary>
    public const string Default = "default";

    /// <summary>Evidently's default rules, verdict by verdict.</summary>
    public const string Evidently = "evidently";

    public static IReadOnlyList<string> All { get; } = [Default, Evidently];

    /// <exception cref="ServerlessException">No preset has this name. The error lists the presets.</exception>
    public static void Check(string name)
    {
        if (!All.Contains(name, StringComparer.Ordinal))
        {
            throw ServerlessException.Invalid(
                $"'{name}' is not a preset of drift reports. Presets: {string.Join(", ", All)}.",
                NearestName.Find(name, All) is { } nearest ? $"Did you mean '{nearest}'?" : "Use one of these."
            );
        }
    }
}
