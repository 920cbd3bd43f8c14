using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Data.Values;

namespace Serverless.Pipelines.Model;

/// <summary>`30s`, `5m`, `1h30m`, `1d`, `250ms`, or a number of seconds.</summary>
public static partial class Duration
{
    public const string Expected = "a duration such as 30s, 5m, 1h30m or a number of seconds";

    private static readonly TimeSpan Limit = TimeSpan.FromDays(366);

    /// <summary>Parses a duration. Returns null if it is invalid, not above zero, or above a year.</summary>
    public static TimeSpan? Read(DataNode value)
    {
        double? seconds = value switch
        {
            DataScalar { Value: System.Numerics.BigInteger whole } => (double)whole,
            DataScalar { Value: double real } => real,
            { AsText: { } text } => Seconds(text.Trim()),
            _ => null,
        };
        return seconds > 0 && seconds <= Limit.TotalSeconds ? TimeSpan.FromSeconds(seconds.Value) : null;
    }

    private static double? Seconds(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var plain))
        {
            return plain;
        }

        var match = Pattern().Match(text);
        if (!match.Success || text.Length == 0)
        {
            return null;
        }

        double Part(string unit) =>
            match.Groups[unit].Success ? double.Parse(match.Groups[unit].ValueSpan, CultureInfo.InvariantCulture) : 0;
        return (Part("d") * 86400) + (Part("h") * 3600) + (Part("m") * 60) + Part("s") + (Part("ms") / 1000);
    }

    [GeneratedRegex(
        @"^(?:(?<d>[0-9]{1,6}(?:\.[0-9]+)?)d)?\s*"
            + @"(?:(?<h>[0-9]{1,6}(?:\.[0-9]+)?)h)?\s*(?:(?<m>[0-9]{1,6}(?:\.[0-9]+)?)m(?!s))?\s*"
            + @"(?:(?<s>[0-9]{1,9}(?:\.[0-9]+)?)s)?\s*(?:(?<ms>[0-9]{1,9})ms)?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Pattern();
}
