namespace Serverless.Core.Columns;

/// <summary>
/// Finds the line that a record of a CSV file starts at. Quoted fields may hold line breaks, so that takes a second reading;
/// only errors ask for it, and the parser need not count lines for the files that have none.
/// </summary>
internal sealed class CsvLineFinder(TextReader text, char delimiter)
{
    private int _line = 1;
    private long _record = 1;

    /// <summary>The line where the last quoted field began that has no closing quote; 0 if all are closed.</summary>
    public int OpenQuoteLine { get; private set; }

    /// <summary>The line that a record starts at. Records and lines count from 1; ask for records in rising order.</summary>
    public int LineOf(long record)
    {
        while (_record < record && SkipRecord())
        {
            _record++;
        }

        return _line;
    }

    /// <summary>Reads one record. False if the text ends with it.</summary>
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
