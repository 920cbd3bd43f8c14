using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Serverless.Core.Columns;

/// <summary>Reads the flat columns of a Parquet file.</summary>
internal sealed class ParquetColumnReader(ColumnSource source, ColumnReaderOptions options)
{
    public async Task<ColumnFrame> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new ParquetStream(source.Open());
            if (stream.Length == 0)
            {
                throw source.Invalid("The file is empty.", "Check the program that wrote the file.");
            }

            ParquetCheck.Check(stream, source, options.Limits);
            stream.Position = 0;
            await using var reader = await ParquetReader.CreateAsync(stream, cancellationToken: cancellationToken);
            CheckSchema(reader.Schema);
            var columns = new List<Column>();
            foreach (var field in reader.Schema.Fields.Cast<DataField>())
            {
                columns.Add(await ReadColumnAsync(reader, field, cancellationToken));
            }

            return Convert(new ColumnFrame(columns));
        }
        catch (Exception error) when (error is PackedBooleansException or DivideByZeroException)
        {
            // The library cannot read booleans that are packed in runs, as writers of data pages of version 2 do.
            throw source.Invalid(
                "The file holds booleans that are packed in runs (RLE), which this reader cannot read.",
                "Write the file with data pages of version 1 (pyarrow: data_page_version='1.0'), or write the booleans as 0 and 1.",
                inner: error
            );
        }
        catch (Exception error) when (error is not (ServerlessException or OperationCanceledException or OutOfMemoryException))
        {
            // The library throws exceptions of several types for a damaged file.
            throw source.Invalid(
                $"The file is not a readable Parquet file: {error.Message}",
                "Check that the file is complete and is Parquet. A CSV file needs the extension .csv.",
                inner: error
            );
        }
    }

    private void CheckSchema(ParquetSchema schema)
    {
        var findings = new List<Diagnostic>();
        foreach (var field in schema.Fields.Where(field => field is not DataField { IsArray: false, MaxRepetitionLevel: 0 }))
        {
            findings.Add(
                new Diagnostic(
                    source.Name,
                    0,
                    $"Column '{field.Name}' is nested or repeated.",
                    "Write its parts as separate columns, or omit the column."
                )
            );
        }

        foreach (var name in options.Types?.Keys.Where(name => schema.Fields.All(field => field.Name != name)) ?? [])
        {
            var nearest = NearestName.Find(name, schema.Fields.Select(field => field.Name));
            findings.Add(
                new Diagnostic(
                    source.Name,
                    0,
                    $"A type is set for column '{name}', but the file has no such column.",
                    nearest is null ? "Use one of its columns." : $"Did you mean '{nearest}'?"
                )
            );
        }

        if (findings.Count > 0)
        {
            throw source.Invalid(findings);
        }
    }

    private Task<Column> ReadColumnAsync(ParquetReader reader, DataField field, CancellationToken cancellationToken)
    {
        var type = field.ClrType;
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            _ when type == typeof(double) => Numbers<double>(value => value),
            _ when type == typeof(float) => Numbers<float>(value => value),
            _ when type == typeof(decimal) => Numbers<decimal>(value => (double)value),
            _ when type == typeof(sbyte) => Integers<sbyte>(value => value),
            _ when type == typeof(byte) => Integers<byte>(value => value),
            _ when type == typeof(short) => Integers<short>(value => value),
            _ when type == typeof(ushort) => Integers<ushort>(value => value),
            _ when type == typeof(int) => Integers<int>(value => value),
            _ when type == typeof(uint) => Integers<uint>(value => value),
            _ when type == typeof(long) => Integers<long>(value => value),

            // Beyond 2^63 only the text is exact.
            _ when type == typeof(ulong) => Texts<ulong>(value => value.ToString(invariant)),
            _ when type == typeof(bool) => Values<bool, bool?>(value => value, Column.FromBooleans),
            _ when type == typeof(DateTime) => Texts<DateTime>(value => value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", invariant)),
            _ when type == typeof(DateOnly) => Texts<DateOnly>(value => value.ToString("yyyy-MM-dd", invariant)),
            _ when type == typeof(TimeOnly) => Texts<TimeOnly>(value => value.ToString("HH:mm:ss.FFFFFFF", invariant)),
            _ when type == typeof(TimeSpan) => Texts<TimeSpan>(value => value.ToString("c", invariant)),
            _ when type == typeof(Guid) => Texts<Guid>(value => value.ToString("D", invariant)),
            _ when type == typeof(string) || type == typeof(ReadOnlyMemory<char>) => new ParquetTexts(
                reader,
                field,
                options.Limits.Bytes,
                () => options.Limits.TooManyBytes(source)
            ).ReadAsync(cancellationToken),
            _ => throw source.Invalid(
                $"Column '{field.Name}' has the unsupported type {type.Name}.",
                "Omit the column, or write it as numbers or text."
            ),
        };

        Task<Column> Numbers<T>(Func<T, double> convert)
            where T : struct => Values<T, double>(value => value is null ? double.NaN : convert(value.Value), Column.FromNumbers);
        Task<Column> Integers<T>(Func<T, long> convert)
            where T : struct => Values<T, long?>(value => value is null ? null : convert(value.Value), Column.FromIntegers);
        Task<Column> Texts<T>(Func<T, string> convert)
            where T : struct => Values<T, string?>(value => value is null ? null : convert(value.Value), Column.FromTexts);
        Task<Column> Values<T, TValue>(Func<T?, TValue> convert, Func<string, TValue[], Column> make)
            where T : struct => ReadValuesAsync(reader, field, convert, make, cancellationToken);
    }

    private static async Task<Column> ReadValuesAsync<T, TValue>(
        ParquetReader reader,
        DataField field,
        Func<T?, TValue> convert,
        Func<string, TValue[], Column> make,
        CancellationToken cancellationToken
    )
        where T : struct
    {
        var values = new TValue[checked((int)reader.RowGroups.Sum(group => group.RowCount))];
        var start = 0;
        foreach (var group in reader.RowGroups)
        {
            var rows = checked((int)group.RowCount);
            if (field.IsNullable)
            {
                var buffer = new T?[rows];
                await group.ReadAsync<T>(field, buffer.AsMemory(), cancellationToken: cancellationToken);
                for (var i = 0; i < rows; i++)
                {
                    values[start + i] = convert(buffer[i]);
                }
            }
            else
            {
                var buffer = new T[rows];
                await group.ReadAsync(field, buffer.AsMemory(), cancellationToken: cancellationToken);
                for (var i = 0; i < rows; i++)
                {
                    values[start + i] = convert(buffer[i]);
                }
            }

            start += rows;
        }

        return make(field.Name, values);
    }

    // Requested types and null texts apply here as they do to a text file.
    private ColumnFrame Convert(ColumnFrame frame)
    {
        foreach (var column in frame.Columns)
        {
            var isWanted = options.Types is not null && options.Types.TryGetValue(column.Name, out var wanted) && wanted != column.Type;
            if (isWanted || (options.NullTexts.Count > 0 && column.Type == ColumnType.Text))
            {
                frame = frame.With(Convert(column, isWanted ? options.Types![column.Name] : column.Type));
            }
        }

        return frame;
    }

    private Column Convert(Column column, ColumnType type)
    {
        var builder = new TypedColumnBuilder(column.Name, type, options.NullTexts);
        for (var row = 0; row < column.Length; row++)
        {
            builder.Append(column.GetText(row), row + 1);
        }

        return builder.MisfitCount == 0
            ? builder.Build()
            : throw source.Invalid(
                $"Column '{column.Name}' must be {type}, but contains '{builder.Misfit}' in row {builder.MisfitRecord}.",
                "Fix the values, or set another type for the column."
            );
    }
}
