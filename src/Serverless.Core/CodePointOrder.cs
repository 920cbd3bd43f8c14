namespace Serverless.Core;

/// <summary>Compares text by code point, as Python does. UTF-16 order would put characters beyond U+FFFF before U+E000.</summary>
public sealed class CodePointOrder : IComparer<string>
{
    public static CodePointOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        var length = Math.Min(x.Length, y.Length);
        for (var i = 0; i < length; i++)
        {
            if (x[i] != y[i])
            {
                return Rank(x[i]).CompareTo(Rank(y[i]));
            }
        }

        return x.Length.CompareTo(y.Length);
    }

    // Surrogates stand for higher code points than any other code unit.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
