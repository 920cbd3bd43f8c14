namespace Serverless.Core.Columns;

/// <summary>
/// Finds the line on which a record of a CSV file starts. Because quoted fields may contain line breaks, this takes a second pass; only
/// errors need it, so the parser does not count lines for valid files.
/// </summary>
internal sealed class CsvLineFinder(TextReader text, char delimiter)
{
    private int _line = 1;
    private long _record = 1;

    /// <summary>Gets the line on which the last unclosed quoted field began, or 0 if all are closed.</summary>
    public int OpenQuoteLine { get; private set; }

    /// <summary>Returns the line on which a record starts. Records and lines count from 1. Request records in ascending order.</summary>
    public int LineOf(long record)
    {
        while (_record < record && SkipRecord())
        {
            _record++;
        }

        return _line;
    }

    /// <summary>Reads one record. Returns false if the text ends with it.</summary>
    public bool SkipRecord()
    {
        var atFieldStart = true;
        while (text.Read() is >= 0 and var next)
        {
            var character = (char)next;
            if (IsLineBreak(character))
            {
                return true;
            }

            if (character == '"' && atFieldStart)
            {
                SkipQuoted();
            }

            atFieldStart = character == delimiter;
        }

        return false;
    }

    private void SkipQuoted()
    {
        OpenQuoteLine = _line;
        while (text.Read() is >= 0 and var next)
        {
            if (next != '"')
            {
                IsLineBreak((char)next);
            }
            else if (text.Peek() == '"')
            {
                text.Read();
            }
            else
            {
                OpenQuoteLine = 0;
                return;
            }
        }
    }

    private bool IsLineBreak(char character)
    {
        if (character == '\r' && text.Peek() == '\n')
        {
            text.Read();
        }

        var isBreak = character is '\r' or '\n';
        _line += isBreak ? 1 : 0;
        return isBreak;
    }
}
