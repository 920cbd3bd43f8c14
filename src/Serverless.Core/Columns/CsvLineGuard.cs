namespace Serverless.Core.Columns;

/// <summary>
/// Counts the delimiters of each line before the parser sees them: its work grows with the square of the fields of a row, so that a
/// single row of a million fields would keep it busy for minutes.
/// </summary>
internal sealed class CsvLineGuard(TextReader inner, char delimiter, Func<int, Exception> exceeded) : TextReader
{
    /// <summary>Far more than the columns of any table, so that quoted lists may stay.</summary>
    public const int MostDelimiters = 100_000;

    private int line = 1;
    private int count;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        var read = inner.Read(buffer);
        for (ReadOnlySpan<char> rest = buffer[..read]; ; )
        {
            var end = rest.IndexOfAny('\n', '\r');
            count += (end < 0 ? rest : rest[..end]).Count(delimiter);
            if (count > MostDelimiters)
            {
                throw exceeded(line);
            }

            if (end < 0)
            {
                return read;
            }

            (count, line) = (0, line + (rest[end] == '\n' ? 1 : 0));
            rest = rest[(end + 1)..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
