namespace Serverless.Core.Columns;

/// <summary>The kind of a value in a sequence of typed values, as in JSON.</summary>
public enum ValueKind
{
    Number,
    Boolean,
    Text,
}

/// <summary>
/// Builds a column from typed values. The first value determines the kind; a value of another kind is recorded as a misfit and counts as
/// null.
/// </summary>
public sealed class ValueColumnBuilder
{
    private readonly TextPool pool = new();
    private GrowingArray<double> numbers = new();
    private GrowingArray<long> integers = new();
    private GrowingArray<string?> texts = new();
    private bool isWhole = true;

    public int Count { get; private set; }

    /// <summary>Gets the kind of the values, or null as long as there are only nulls.</summary>
    public ValueKind? Kind { get; private set; }

    /// <summary>Gets the first value that is not of the column's kind, and its row.</summary>
    public (int Row, ValueKind Kind, string Text)? Misfit { get; private set; }

    /// <summary>Gets the first row that is null, or -1.</summary>
    public int FirstNull { get; private set; } = -1;

    public void AppendNull()
    {
        FirstNull = FirstNull < 0 ? Count : FirstNull;
        if (Kind == ValueKind.Text)
        {
            texts.Add(null);
        }
        else
        {
            numbers.Add(double.NaN);
            if (isWhole)
            {
                integers.Add(0);
            }
        }

        Count++;
    }

    public void Append(long value)
    {
        if (IsOf(ValueKind.Number))
        {
            numbers.Add(value);
            if (isWhole)
            {
                integers.Add(value);
            }

            Count++;
        }
        else
        {
            AddMisfit(ValueKind.Number, FieldText.Format(value));
        }
    }

    /// <summary>Appends a number. NaN means null.</summary>
    public void Append(double value)
    {
        if (double.IsNaN(value))
        {
            AppendNull();
        }
        else if (IsOf(ValueKind.Number))
        {
            isWhole = false;
            numbers.Add(value);
            Count++;
        }
        else
        {
            AddMisfit(ValueKind.Number, FieldText.Format(value));
        }
    }

    public void Append(bool value)
    {
        if (IsOf(ValueKind.Boolean))
        {
            isWhole = false;
            numbers.Add(value ? 1 : 0);
            Count++;
        }
        else
        {
            AddMisfit(ValueKind.Boolean, value ? "true" : "false");
        }
    }

    public void Append(ReadOnlySpan<char> value)
    {
        if (Kind is null)
        {
            // Earlier nulls become nulls of text.
            texts.AddMany(null, Count);
        }

        if (IsOf(ValueKind.Text))
        {
            texts.Add(pool.Get(value));
            Count++;
        }
        else
        {
            AddMisfit(ValueKind.Text, FieldText.Shorten(value));
        }
    }

    /// <summary>Returns the column. A column that contains only nulls is Number. Nothing may be appended afterwards.</summary>
    public Column Build(string name) =>
        Kind switch
        {
            ValueKind.Text => Column.FromTexts(name, texts.Take()),
            ValueKind.Boolean => Column.FromBuffers(name, ColumnType.Boolean, numbers.Take(), null),
            ValueKind.Number when isWhole => Column.FromBuffers(name, ColumnType.Integer, numbers.Take(), integers.Take()),
            _ => Column.FromNumbers(name, numbers.Take()),
        };

    private bool IsOf(ValueKind kind)
    {
        Kind ??= kind;
        return Kind == kind;
    }

    private void AddMisfit(ValueKind kind, string text)
    {
        Misfit ??= (Count, kind, text);
        AppendNull();
    }
}
