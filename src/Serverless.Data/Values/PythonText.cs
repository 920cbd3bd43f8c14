using System.Globalization;
using System.Numerics;
using System.Text;

namespace Serverless.Data.Values;

/// <summary>Formats values as Python does, which DVC uses in commands, stage names and files.</summary>
public static class PythonText
{
    /// <summary>Implements Python's `str(value)`.</summary>
    public static string Str(DataNode node) =>
        node.AsText
        ?? node switch
        {
            DataScalar { Value: DateOnly d } => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DataScalar { Value: DateTime t } => Iso(t),
            DataScalar { Value: DateTimeOffset t } => Iso(t.UtcDateTime) + "+00:00",
            DataScalar { Value: TimeOnly t } => t.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            _ => Repr(node),
        };

    private static string Iso(DateTime t) =>
        t.ToString(t.Ticks / 10 % 1_000_000 > 0 ? "yyyy-MM-dd HH:mm:ss.ffffff" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Implements Python's `repr(value)`.</summary>
    public static string Repr(DataNode node) =>
        node switch
        {
            DataScalar scalar => Repr(scalar),
            DataMap map => "{" + string.Join(", ", map.Entries.Select(e => Repr(e.Key) + ": " + Repr(e.Value))) + "}",
            DataList { Kind: DataKind.Tuple } tuple => "("
                + string.Join(", ", tuple.Items.Select(Repr))
                + (tuple.Items.Count == 1 ? ",)" : ")"),
            DataList { Kind: DataKind.Set, Items.Count: 0 } => "set()",
            DataList { Kind: DataKind.Set } set => "{" + string.Join(", ", set.Items.Select(Repr)) + "}",
            DataList list => "[" + string.Join(", ", list.Items.Select(Repr)) + "]",
            _ => throw new ArgumentException($"No value: {node.GetType()}.", nameof(node)),
        };

    /// <summary>
    /// Implements Python's `repr(float)`: the shortest digits that read back as the same number, with an exponent below 1e-4 and from
    /// 1e16.
    /// </summary>
    public static string Float(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        // .NET's shortest digits are Python's; only the point and the exponent are placed differently.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var digits = string.Concat(shortest.TakeWhile(c => c != 'E').Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        var sign = double.IsNegative(value) ? "-" : "";
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        var exponent = ExponentOf(shortest);
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            var power = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{power}";
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0') + ".0"
            : sign + digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }

    private static int ExponentOf(string shortest)
    {
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        if (e >= 0)
        {
            return int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        var point = shortest.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? shortest : shortest[..point];
        return whole is not "0" ? whole.Length - 1 : -shortest[(point + 1)..].TakeWhile(c => c == '0').Count() - 1;
    }

    private static string Repr(DataScalar scalar) =>
        scalar.Value switch
        {
            null => "None",
            bool b => b ? "True" : "False",
            BigInteger i => i.ToString(CultureInfo.InvariantCulture),
            double d => Float(d),
            string s => Quote(s),
            byte[] bytes => "b" + Quote(Encoding.Latin1.GetString(bytes)),
            DateOnly d => $"datetime.date({d.Year}, {d.Month}, {d.Day})",
            DateTime t => $"datetime.datetime({Parts(t)})",
            DateTimeOffset t => $"datetime.datetime({Parts(t.DateTime)}, tzinfo=datetime.timezone.utc)",
            TimeOnly t => $"datetime.time({t.Hour}, {t.Minute}{(t.Second > 0 ? ", " + t.Second : "")})",
            _ => throw new ArgumentException($"No value: {scalar.Value.GetType()}."),
        };

    private static string Parts(DateTime t)
    {
        var micros = t.Ticks / 10 % 1_000_000;
        var parts = $"{t.Year}, {t.Month}, {t.Day}, {t.Hour}, {t.Minute}";
        return micros > 0 ? $"{parts}, {t.Second}, {micros}"
            : t.Second > 0 ? $"{parts}, {t.Second}"
            : parts;
    }

    private static string Quote(string s)
    {
        var quote = s.Contains('\'', StringComparison.Ordinal) && !s.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var result = new StringBuilder().Append(quote);
        foreach (var c in s)
        {
            result.Append(
                c switch
                {
                    '\\' => "\\\\",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    _ when c == quote => "\\" + c,
                    _ when c < ' ' || c == 0x7f || (c > 0x7f && c < 0xa0) => "\\x" + ((int)c).ToString("x2", CultureInfo.InvariantCulture),
                    _ => c.ToString(),
                }
            );
        }

        return result.Append(quote).ToString();
    }
}
