namespace Serverless.Tracking.Search;

/// <summary>Implements LIKE: <c>%</c> is any text, <c>_</c> any single character. There is no escape.</summary>
internal sealed class LikePattern(string pattern, bool ignoreCase)
{
    private readonly string _pattern = ignoreCase ? pattern.ToUpperInvariant() : pattern;

    public bool Matches(string text)
    {
        var (p, t) = (0, 0);

        // The last % and how much of the text it covers so far: all that must be retried.
        var (star, covered) = (-1, 0);
        while (t < text.Length)
        {
            if (p < _pattern.Length && _pattern[p] == '%')
            {
                star = ++p;
                covered = t;
            }
            else if (p < _pattern.Length && _pattern[p] == '_')
            {
                p++;
                t += Width(text, t);
            }
            else if (p < _pattern.Length && _pattern[p] == Fold(text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                covered += Width(text, covered);
                (p, t) = (star, covered);
            }
            else
            {
                return false;
            }
        }

        while (p < _pattern.Length && _pattern[p] == '%')
        {
            p++;
        }

        return p == _pattern.Length;
    }

    private char Fold(char c) => ignoreCase ? char.ToUpperInvariant(c) : c;

    private static int Width(string text, int index) => char.IsSurrogatePair(text, index) ? 2 : 1;
}
