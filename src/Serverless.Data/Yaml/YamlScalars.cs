using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Serverless.Data.Values;

namespace Serverless.Data.Yaml;

/// <summary>
/// Interprets a plain YAML scalar by YAML 1.2 as DVC's reader does: `yes` and `on` are text, `017` is seventeen, `1_000` is a thousand,
/// `1:30` is text, `2020-01-01` is a date.
/// </summary>
internal static partial class YamlScalars
{
    public static DataScalar Plain(string text, int line)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return DataScalar.Null(line);
            case "true" or "True" or "TRUE":
                return DataScalar.Bool(true, line);
            case "false" or "False" or "FALSE":
                return DataScalar.Bool(false, line);
        }

        var first = text[0];
        if (!char.IsAsciiDigit(first) && first is not ('+' or '-' or '.'))
        {
            return DataScalar.Text(text, line);
        }

        return Float(text, line) ?? Int(text, line) ?? Timestamp(text, line) ?? DataScalar.Text(text, line);
    }

    public static DataScalar? Int(string text, int line)
    {
        if (!IntPattern().IsMatch(text))
        {
            return null;
        }

        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits.StartsWith('-');
        digits = digits.TrimStart('+', '-');
        BigInteger? value = digits switch
        {
            ['0', 'b', .. var bits] => Parse(bits, 2),
            ['0', 'o', .. var octal] => Parse(octal, 8),
            ['0', 'x', .. var hex] => Parse(hex, 16),
            _ => Parse(digits, 10),
        };
        return value is { } v ? DataScalar.Int(negative ? -v : v, line) : null;
    }

    public static DataScalar? Float(string text, int line)
    {
        if (!FloatPattern().IsMatch(text))
        {
            return null;
        }

        var plain = text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        if (plain.EndsWith(".inf", StringComparison.Ordinal))
        {
            return DataScalar.Float(plain[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity, line);
        }

        if (plain == ".nan")
        {
            return DataScalar.Float(double.NaN, line);
        }

        return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? DataScalar.Float(value, line)
            : null;
    }

    public static DataScalar? Timestamp(string text, int line)
    {
        if (TimestampPattern().Match(text) is not { Success: true } match)
        {
            return null;
        }

        int Part(string name) => match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : 0;
        try
        {
            var date = new DateOnly(Part("year"), Part("month"), Part("day"));
            if (!match.Groups["hour"].Success)
            {
                return DataScalar.Date(date, line);
            }

            var fraction = match.Groups["fraction"].Value.PadRight(6, '0')[..6];
            var time = date.ToDateTime(new TimeOnly(Part("hour"), Part("minute"), Part("second")))
                .AddTicks(long.Parse(fraction, CultureInfo.InvariantCulture) * 10);
            if (!match.Groups["zone"].Success)
            {
                return DataScalar.DateTime(time, line);
            }

            var offset = new TimeSpan(Part("zoneHour"), Part("zoneMinute"), 0);
            return DataScalar.DateTime(new DateTimeOffset(time, match.Groups["zoneSign"].Value == "-" ? -offset : offset), line);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static BigInteger? Parse(string digits, int radix)
    {
        // Python rejects longer ones too: reading them takes quadratic time.
        if (digits.Length is 0 or > 4300)
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c) || Convert.ToInt32(c.ToString(), 16) >= radix)
            {
                return null;
            }

            value = (value * radix) + Convert.ToInt32(c.ToString(), 16);
        }

        return value;
    }

    [GeneratedRegex(
        @"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|"
            + @"[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex FloatPattern();

    [GeneratedRegex(@"^(?:[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex IntPattern();

    [GeneratedRegex(
        @"^(?:(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})|"
            + @"(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:[Tt]|[ \t]+)"
            + @"(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]*))?"
            + @"(?:[ \t]*(?<zone>Z|(?<zoneSign>[-+])(?<zoneHour>[0-9]{1,2})(?::(?<zoneMinute>[0-9]{2}))?))?)$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex TimestampPattern();
}
