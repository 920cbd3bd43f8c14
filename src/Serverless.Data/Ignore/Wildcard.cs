namespace Serverless.Data.Ignore;

/// <summary>Matches `*`, `?` and `[…]` within one name. A backslash escapes the next character.</summary>
internal static class Wildcard
{
    public static bool IsPattern(string text) => text.AsSpan().IndexOfAny("*?[") >= 0;

    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && One(pattern, p, name[n], out var next))
            {
                (p, n) = (next, n + 1);
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool One(ReadOnlySpan<char> pattern, int at, char c, out int next)
    {
        next = at + 1;
        switch (pattern[at])
        {
            case '?':
                return true;
            case '\\' when at + 1 < pattern.Length:
                next = at + 2;
                return pattern[at + 1] == c;
            case '[' when Close(pattern, at) is var close and > 0:
                next = close + 1;
                return InSet(pattern[(at + 1)..close], c);
            default:
                return pattern[at] == c;
        }
    }

    // A bracket in the first position belongs to the set.
    private static int Close(ReadOnlySpan<char> pattern, int open)
    {
        var from = open + 1;
        from += from < pattern.Length && pattern[from] is '!' or '^' ? 1 : 0;
        from += from < pattern.Length && pattern[from] == ']' ? 1 : 0;
        var close = from < pattern.Length ? pattern[from..].IndexOf(']') : -1;
        return close < 0 ? -1 : from + close;
    }

    private static bool InSet(ReadOnlySpan<char> set, char c)
    {
        var negated = set.Length > 0 && set[0] is '!' or '^';
        var found = false;
        for (var i = negated ? 1 : 0; i < set.Length; i++)
        {
            if (set[i] == '\\' && i + 1 < set.Length)
            {
                i++;
            }

            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= set[i] <= c && c <= set[i + 2];
                i += 2;
            }
            else
            {
                found |= set[i] == c;
            }
        }

        return found != negated;
    }
}
