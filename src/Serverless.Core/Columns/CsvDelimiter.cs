namespace Serverless.Core.Columns;

/// <summary>Detects the field delimiter of a text file.</summary>
internal static class CsvDelimiter
{
    // In order of preference between equally frequent candidates.
    private static readonly char[] Candidates = [',', ';', '\t', '|'];

    /// <summary>Returns the candidate that occurs most often in the header outside quotes, or a comma if there is none.</summary>
    public static char Find(TextReader text)
    {
        var counts = new int[Candidates.Length];
        var isQuoted = false;
        var hasText = false;
        while (text.Read() is >= 0 and var next)
        {
            var character = (char)next;
            if (character is '\r' or '\n' && !isQuoted)
            {
                if (hasText)
                {
                    break;
                }

                continue;
            }

            hasText = true;
            isQuoted ^= character == '"';
            if (!isQuoted && Array.IndexOf(Candidates, character) is >= 0 and var index)
            {
                counts[index]++;
            }
        }

        return Candidates[Array.IndexOf(counts, counts.Max())];
    }
}
