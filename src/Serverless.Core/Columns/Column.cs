using System.Globalization;

namespace Serverless.Core.Columns;

/// <summary>
/// A named column of values. Immutable: the factories take ownership of the array passed to them, so the caller must not write to it
/// afterwards.
/// </summary>
public sealed class Column
{
    // Numeric and boolean columns always have their numbers, and NaN there is what says null. An Integer column
    // has its exact values beside them, because a double holds whole numbers only up to 2^53.
    private readonly double[]? _numbers;
    private readonly long[]? _integers;
    private readonly string?[]? _texts;

    private Column(string name, ColumnType type, double[]? numbers, long[]? integers, string?[]? texts)
    {
        Name = name;
        Type = type;
        _numbers = numbers;
        _integers = integers;
        _texts = texts;
        NullCount = numbers is not null ? CountNulls(numbers) : CountNulls(texts!);
    }

    public string Name { get; }

    public ColumnType Type { get; }

    /// <summary>Gets the number of rows, including nulls.</summary>
    public int Length => _numbers?.Length ?? _texts!.Length;

    public int NullCount { get; }

    /// <summary>Gets a value that indicates whether the column has numbers (every type except <see cref="ColumnType.Text"/>).</summary>
    public bool IsNumeric => _numbers is not null;

    /// <summary>Gets the values of a numeric or boolean column; NaN means null. Throws for a text column.</summary>
    public ReadOnlySpan<double> Numbers => _numbers ?? throw NotNumeric();

    /// <summary>Gets the values of a text column. Throws for other types: use <see cref="GetText"/>.</summary>
    public ReadOnlySpan<string?> Texts =>
        _texts
        ?? throw ServerlessException.Invalid(
            $"Column '{Name}' contains {Type} values, not text.",
            "Set the column's type to Text when you read the file."
        );

    public bool IsNull(int row) => _numbers is not null ? double.IsNaN(_numbers[row]) : _texts![row] is null;

    /// <summary>Returns the number in a row, or NaN for null. True is 1 and false is 0. Throws for a text column.</summary>
    public double GetNumber(int row) => (_numbers ?? throw NotNumeric())[row];

    /// <summary>Returns the exact integer in a row of an Integer column, or null. Throws for other types.</summary>
    public long? GetInteger(int row)
    {
        if (_integers is null)
        {
            throw ServerlessException.Invalid($"Column '{Name}' contains {Type} values, not integers.");
        }

        return IsNull(row) ? null : _integers[row];
    }

    /// <summary>
    /// Returns the value of a row as text in the invariant culture: numbers in their shortest exact form, infinities as <c>inf</c> and
    /// <c>-inf</c>, booleans as <c>true</c> and <c>false</c>, null as null.
    /// </summary>
    public string? GetText(int row)
    {
        if (_texts is not null)
        {
            return _texts[row];
        }

        if (IsNull(row))
        {
            return null;
        }

        return Type switch
        {
            ColumnType.Integer => _integers![row].ToString(CultureInfo.InvariantCulture),
            ColumnType.Boolean => _numbers![row] != 0 ? "true" : "false",
            _ => FieldText.Format(_numbers![row]),
        };
    }

    /// <summary>Returns a column with the given rows, in the given order. A row may occur more than once.</summary>
    public Column Take(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new Column(Name, Type, Pick(_numbers, rows), Pick(_integers, rows), Pick(_texts, rows));
    }

    /// <summary>Returns the same values under another name.</summary>
    public Column Rename(string name) => new(CheckName(name), Type, _numbers, _integers, _texts);

    public override string ToString() => $"{Name}: {Type}, {Length} rows, {NullCount} null";

    /// <summary>Creates a Number column. NaN means null.</summary>
    public static Column FromNumbers(string name, double[] values) =>
        new(CheckName(name), ColumnType.Number, CheckValues(values), null, null);

    public static Column FromIntegers(string name, long[] values) =>
        new(CheckName(name), ColumnType.Integer, Array.ConvertAll(CheckValues(values), value => (double)value), values, null);

    public static Column FromIntegers(string name, long?[] values) =>
        new(
            CheckName(name),
            ColumnType.Integer,
            Array.ConvertAll(CheckValues(values), value => value ?? double.NaN),
            Array.ConvertAll(values, value => value.GetValueOrDefault()),
            null
        );

    public static Column FromTexts(string name, string?[] values) => new(CheckName(name), ColumnType.Text, null, null, CheckValues(values));

    public static Column FromBooleans(string name, bool[] values) =>
        new(CheckName(name), ColumnType.Boolean, Array.ConvertAll(CheckValues(values), value => value ? 1.0 : 0.0), null, null);

    public static Column FromBooleans(string name, bool?[] values) =>
        new(
            CheckName(name),
            ColumnType.Boolean,
            Array.ConvertAll(
                CheckValues(values),
                value =>
                    value switch
                    {
                        true => 1.0,
                        false => 0.0,
                        null => double.NaN,
                    }
            ),
            null,
            null
        );

    /// <summary>Creates a column from filled buffers: 0, 1 and NaN for Boolean; both buffers for Integer.</summary>
    internal static Column FromBuffers(string name, ColumnType type, double[] numbers, long[]? integers) =>
        new(name, type, numbers, integers, null);

    private static string CheckName(string name) =>
        string.IsNullOrWhiteSpace(name) ? throw ServerlessException.Invalid("A column needs a name.") : name;

    private static T[] CheckValues<T>(T[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values;
    }

    private static T[]? Pick<T>(T[]? values, IReadOnlyList<int> rows)
    {
        if (values is null)
        {
            return null;
        }

        var picked = new T[rows.Count];
        for (var i = 0; i < picked.Length; i++)
        {
            picked[i] = values[rows[i]];
        }

        return picked;
    }

    private static int CountNulls(double[] numbers)
    {
        var count = 0;
        foreach (var number in numbers)
        {
            count += double.IsNaN(number) ? 1 : 0;
        }

        return count;
    }

    private static int CountNulls(string?[] texts)
    {
        var count = 0;
        foreach (var text in texts)
        {
            count += text is null ? 1 : 0;
        }

        return count;
    }

    private ServerlessException NotNumeric() =>
        ServerlessException.Invalid(
            $"Column '{Name}' contains text, not numbers{FirstText()}.",
            "Choose a numeric column, or fix the values that are not numbers."
        );

    private string FirstText() =>
        Array.Find(_texts!, text => text is not null) is { } text ? $" (for example '{FieldText.Shorten(text)}')" : "";
}
