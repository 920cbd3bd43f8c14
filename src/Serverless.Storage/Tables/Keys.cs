using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Storage.Tables;

/// <summary>
/// Builds partition and row keys from names. Azure Tables rejects `/ \ # ?` and control characters in keys, and `|` separates the parts of
/// these keys, so all of them are escaped as `~XX`.
/// </summary>
public static class Keys
{
    public const char Separator = '|';

    public static string Join(params ReadOnlySpan<string> parts)
    {
        var key = new StringBuilder();
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
            {
                key.Append(Separator);
            }

            Escape(key, parts[i]);
        }

        return key.ToString();
    }

    /// <summary>
    /// Returns a name of any length as a part of a key, which is limited to 1 KiB. A long name is truncated and made unique by its digest.
    /// </summary>
    public static string Bounded(string name)
    {
        const int Most = 300;
        return name.Length <= Most && Join(name).Length <= Most
            ? name
            : string.Concat(name.AsSpan(0, 60), " ", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));
    }

    public static string[] Split(string key)
    {
        var parts = key.Split(Separator);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Unescape(parts[i]);
        }

        return parts;
    }

    /// <summary>Returns the first key after all that begin with <paramref name="prefix"/>: the end of a range.</summary>
    public static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    /// <summary>Returns a key that sorts later times first.</summary>
    public static string NewestFirst(DateTimeOffset time) =>
        (DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - time.ToUnixTimeMilliseconds()).ToString("D15", CultureInfo.InvariantCulture);

    private static void Escape(StringBuilder key, string part)
    {
        foreach (var c in part)
        {
            if (c is '/' or '\\' or '#' or '?' or '|' or '~' or '%' or '\'' || char.IsControl(c))
            {
                key.Append('~').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            }
            else
            {
                key.Append(c);
            }
        }
    }

    private static string Unescape(string part)
    {
        if (!part.Contains('~', StringComparison.Ordinal))
        {
            return part;
        }

        var text = new StringBuilder(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] == '~')
            {
                text.Append((char)int.Parse(part.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                text.Append(part[i]);
            }
        }

        return text.ToString();
    }
}
