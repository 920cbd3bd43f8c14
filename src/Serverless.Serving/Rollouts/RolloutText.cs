using System.Globalization;

namespace Serverless.Serving.Rollouts;

/// <summary>Formats the numbers in a rollout's reasons.</summary>
internal static class RolloutText
{
    public static string Percent(double? share) => share is { } s ? Number(100 * s) + " %" : "unknown";

    public static string Number(double? value) => value is { } v ? v.ToString("0.###", CultureInfo.InvariantCulture) : "unknown";

    public static string Tiny(double p) => p < 0.0001 ? "less than 0.0001" : p.ToString("0.####", CultureInfo.InvariantCulture);

    public static string Time(TimeSpan time) =>
        time.TotalSeconds < 120 ? $"{Number(Math.Ceiling(time.TotalSeconds))} s"
        : time.TotalMinutes < 120 ? $"{Number(Math.Ceiling(time.TotalMinutes))} min"
        : $"{Number(Math.Ceiling(time.TotalHours))} h";
}
