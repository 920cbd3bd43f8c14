using System.Text;
using Sylvan.Data.Csv;

namespace Serverless.Core.Columns;

/// <summary>Reads delimited text into columns in one pass. A second pass reads only the columns that turned out late to be text.</summary>
internal sealed class CsvColumnReader(ColumnSource source, ColumnReaderOptions options, ColumnFormat format)
{
    private const int MostFindings = 10;
    private const int LongestRecord = 1 << 26;

    private readonly EncodedText _text = new(source, options.Encoding, options.Limits);
    private char _delimiter;

    public ColumnFrame Read(CancellationToken cancellationToken)
    {
        try
        {
            _delimiter = options.Delimiter ?? (format == ColumnFormat.Tsv ? '\t' : FindDelimiter());
            var builders = Parse(names => [.. names.Select(MakeBuilder)], cancellationToken);
            ThrowMisfits(builders);
            var texts = builders.Any(builder => builder!.NeedsTexts)
                ? Parse(_ => [.. builders.Select(MakeTextBuilder)], cancellationToken)
                : new ColumnBuilder?[builders.Length];
            return new ColumnFrame(builders.Select((builder, i) => (texts[i] ?? builder!).Build()));
        }
        catch (DecoderFallbackException error)
        {
            throw _text.NotDecodable(error);
        }
    }

    private ColumnBuilder MakeBuilder(string name) =>
        options.Types is not null && options.Types.TryGetValue(name, out var type)
            ? new TypedColumnBuilder(name, type, options.NullTexts)
            : new InferringColumnBuilder(name, options.NullTexts);

    private ColumnBuilder? MakeTextBuilder(ColumnBuilder? builder) =>
        builder!.NeedsTexts ? new TypedColumnBuilder(builder.Name, ColumnType.Text, options.NullTexts) : null;

    private ColumnBuilder?[] Parse(Func<string[], ColumnBuilder?[]> makeBuilders, CancellationToken cancellationToken)
    {
        using var text = new CsvLineGuard(_text.OpenReader(), _delimiter, TooManyFields);
        try
        {
            using var csv = CsvDataReader.Create(text, ParserOptions());
            var names = ReadHeader(csv);
            var builders = makeBuilders(names);
            ReadRecords(csv, builders, cancellationToken);
            return builders;
        }
        catch (CsvFormatException error)
        {
            throw Malformed(error);
        }
    }

    private CsvDataReaderOptions ParserOptions() =>
        new()
        {
            // The header is read as a record because the parser accepts duplicate and missing names.
            HasHeaders = false,
            Delimiter = _delimiter,
            CsvStyle = CsvStyle.Standard,
            BufferSize = 1 << 16,
            MaxBufferSize = LongestRecord,
            // The parser cannot switch comments off, and many a real row starts with '#'. This character never occurs.
            Comment = '\uFFFF',
        };

    private string[] ReadHeader(CsvDataReader csv)
    {
        do
        {
            if (!csv.Read())
            {
                throw source.Invalid(
                    "The file is empty.",
                    "Check the program that wrote the file. A header line with the column names is required."
                );
            }
        } while (csv.RowFieldCount == 1 && csv.GetFieldSpan(0).IsWhiteSpace());

        options.Limits.Check(source, 0, csv.RowFieldCount);
        var names = new string[csv.RowFieldCount];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = csv.GetFieldSpan(i).ToString();
        }

        var findings = CsvHeader.Check(names, options.Types);
        if (findings.Count > 0)
        {
            var line = FindLine(csv.RowNumber);
            throw source.Invalid([.. findings.Select(finding => new Diagnostic(source.Name, line, finding.Message, finding.Fix))]);
        }

        return names;
    }

    private void ReadRecords(CsvDataReader csv, ColumnBuilder?[] builders, CancellationToken cancellationToken)
    {
        var ragged = new List<(long Record, int Fields)>();
        var raggedCount = 0;
        var most = options.Limits.RowsOf(builders.Length);
        for (var rows = 0L; csv.Read(); rows++)
        {
            if (rows >= most)
            {
                throw options.Limits.TooManyRows(source, builders.Length);
            }

            var record = (long)csv.RowNumber;
            if ((record & 0xFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            var fields = csv.RowFieldCount;
            if (fields == builders.Length)
            {
                for (var i = 0; i < fields; i++)
                {
                    builders[i]?.Append(csv.GetFieldSpan(i), record);
                }
            }
            else if (fields != 1 || !csv.GetFieldSpan(0).IsWhiteSpace())
            {
                raggedCount++;
                if (ragged.Count < MostFindings)
                {
                    ragged.Add((record, fields));
                }
            }
        }

        if (raggedCount > 0)
        {
            ThrowRagged(ragged, raggedCount, builders.Length);
        }
    }

    private void ThrowRagged(List<(long Record, int Fields)> ragged, int count, int expected)
    {
        using var text = _text.OpenReader();
        var finder = new CsvLineFinder(text, _delimiter);
        throw source.Invalid(
            [
                .. ragged.Select(row => new Diagnostic(
                    source.Name,
                    finder.LineOf(row.Record),
                    $"The row has {row.Fields} {(row.Fields == 1 ? "field" : "fields")}, but the header has {expected}.",
                    $"Fix the row. A field that contains {NameOf(_delimiter)} or a quote must be quoted."
                )),
            ],
            count
        );
    }

    private void ThrowMisfits(ColumnBuilder?[] builders)
    {
        var misfits = builders
            .OfType<TypedColumnBuilder>()
            .Where(builder => builder.MisfitCount > 0)
            .OrderBy(builder => builder.MisfitRecord)
            .ToList();
        if (misfits.Count == 0)
        {
            return;
        }

        using var text = _text.OpenReader();
        var finder = new CsvLineFinder(text, _delimiter);
        throw source.Invalid([
            .. misfits.Select(misfit => new Diagnostic(
                source.Name,
                finder.LineOf(misfit.MisfitRecord),
                $"Column '{misfit.Name}' must be {misfit.Type}, but contains '{misfit.Misfit}'"
                    + (misfit.MisfitCount > 1 ? $" and {misfit.MisfitCount - 1} more invalid values." : "."),
                "Fix the values, or set another type for the column."
            )),
        ]);
    }

    private ServerlessException Malformed(CsvFormatException error)
    {
        using var text = _text.OpenReader();
        var finder = new CsvLineFinder(text, _delimiter);
        var line = finder.LineOf(error.RowNumber);
        finder.SkipRecord();
        if (finder.OpenQuoteLine > 0)
        {
            return source.Invalid(
                "A quoted field has no closing quote.",
                "Close the quote. Write a quote inside a quoted field twice (\"\").",
                finder.OpenQuoteLine,
                error
            );
        }

        return error is CsvRecordTooLargeException
            ? source.Invalid(
                $"The row is longer than {LongestRecord} characters.",
                "Check the quotes and line endings around this line.",
                line,
                error
            )
            : source.Invalid(
                $"Field {error.FieldOrdinal + 1} has text after its closing quote.",
                "Quote the whole field and write a quote inside it twice (\"\").",
                line,
                error
            );
    }

    private ServerlessException TooManyFields(int line) =>
        source.Invalid(
            FormattableString.Invariant(
                $"The line has more than {CsvLineGuard.MostDelimiters} fields; a table has at most {options.Limits.Columns} columns."
            ),
            "Leave columns out, or check the delimiter and the line ends.",
            line
        );

    private int FindLine(long record)
    {
        using var text = _text.OpenReader();
        return new CsvLineFinder(text, _delimiter).LineOf(record);
    }

    private char FindDelimiter()
    {
        using var text = _text.OpenReader();
        return CsvDelimiter.Find(text);
    }

    private static string NameOf(char delimiter) => delimiter == '\t' ? "a tab" : $"'{delimiter}'";
}
