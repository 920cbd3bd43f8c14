namespace Serverless.Core;

/// <summary>Lengths as Python counts them: an emoji is one character, where UTF-16 has two units.</summary>
public static class CodePoints
{
    public static int Count(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    /// <summary>The first characters of a text; none is cut in half.</summary>
    public static string Cut(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= most)
        {
            return text;
        }

        var at = 0;
        for (var count = 0; count < most && at < text.Length; count++)
        {
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }

        return text[..at];
    }
}
