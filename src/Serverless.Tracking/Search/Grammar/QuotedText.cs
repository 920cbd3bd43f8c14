using Serverless.Core;

namespace Serverless.Tracking.Search.Grammar;

internal static class QuotedText
{
    /// <summary>
    /// Returns the end of the quoted text that begins at <paramref name="start"/>, or -1. A doubled quote, or one after a backslash, ends
    /// it only if nothing else does: <c>'C:\'</c> is complete.
    /// </summary>
    public static int End(string text, int start)
    {
        var quote = text[start];
        var fallback = -1;
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                if (i + 1 >= text.Length || text[i + 1] != quote)
                {
                    return i + 1;
                }

                i++;
                fallback = i;
            }
            else if (text[i] == '\\' && quote != '`' && i + 1 < text.Length && text[i + 1] == quote)
            {
                i++;
                fallback = i + 1;
            }
        }

        return fallback;
    }

    public static string TrimBackticks(string text) => IsQuoted(text, '`') ? text[1..^1] : text;

    public static string TrimQuotes(string text) => IsQuoted(text, '\'') || IsQuoted(text, '"') ? text[1..^1] : text;

    /// <summary>Returns the content of a quoted value as written, without interpreting escapes.</summary>
    public static string Value(string text) =>
        IsQuoted(text, '\'') || IsQuoted(text, '"')
            ? text[1..^1]
            : throw ServerlessException.Invalid(
                "Parameter value is either not quoted or unidentified quote types used for string value "
                    + $"{text}. Use either single or double quotes."
            );

    private static bool IsQuoted(string text, char quote) => text.Length >= 2 && text[0] == quote && text[^1] == quote;
}
