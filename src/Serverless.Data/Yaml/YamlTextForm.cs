namespace Serverless.Data.Yaml;

/// <summary>Determines the styles that a text can be written in, by PyYAML's `analyze_scalar`, outside flow collections.</summary>
internal readonly record struct YamlTextForm(bool Plain, bool SingleQuoted)
{
    public static YamlTextForm Of(string s)
    {
        if (s.Length == 0)
        {
            return new(Plain: false, SingleQuoted: true);
        }

        var indicator = s.StartsWith("---", StringComparison.Ordinal) || s.StartsWith("...", StringComparison.Ordinal);
        var (breaks, special, spaceBreak) = (false, false, false);
        for (var i = 0; i < s.Length; i++)
        {
            var c = s[i];
            var spaceBefore = i == 0 || IsBlank(s[i - 1]);
            var spaceAfter = i + 1 >= s.Length || IsBlank(s[i + 1]);
            indicator |=
                i == 0
                    ? "#,[]{}&*!|>'\"%@`".Contains(c, StringComparison.Ordinal) || (c is '?' or ':' or '-' && spaceAfter)
                    : (c == ':' && spaceAfter) || (c == '#' && spaceBefore);
            breaks |= IsBreak(c);
            spaceBreak |= (c == ' ' && i > 0 && IsBreak(s[i - 1])) || (IsBreak(c) && i > 0 && s[i - 1] == ' ');
            special |= !(c == '\n' || c is >= ' ' and <= '~' || c is '\x85' or (>= '\xa0' and not '\ufeff' and <= '\ufffd'));
            special |=
                char.IsSurrogate(c)
                && !(char.IsHighSurrogate(c) ? i + 1 < s.Length && char.IsLowSurrogate(s[i + 1]) : i > 0 && char.IsHighSurrogate(s[i - 1]));
        }

        var edge = s[0] == ' ' || s[^1] == ' ';
        return new(Plain: !indicator && !breaks && !special && !edge, SingleQuoted: !special && !spaceBreak);
    }

    private static bool IsBreak(char c) => c is '\n' or '\x85' or '\u2028' or '\u2029';

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\0' || IsBreak(c);
}
