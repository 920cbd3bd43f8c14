namespace Serverless.Core.Columns;

/// <summary>Reads the fields of a column as the requested type, and remembers the first field that does not fit.</summary>
internal sealed class TypedColumnBuilder(string name, ColumnType type, IReadOnlyList<string> nullTexts) : ColumnBuilder(name, nullTexts)
{
    private readonly TextPool _pool = new();
    private GrowingArray<double> _numbers = new();
    private GrowingArray<long> _integers = new();
    private GrowingArray<string?> _texts = new();

    public ColumnType Type => type;

    /// <summary>Gets the first field that does not fit: its record (0 if all fit), its text, and the number of such fields.</summary>
    public long MisfitRecord { get; private set; }

    public string Misfit { get; private set; } = "";

    public int MisfitCount { get; private set; }

    public override Column Build() =>
        type switch
        {
            ColumnType.Text => Column.FromTexts(Name, _texts.Take()),
            ColumnType.Integer => Column.FromBuffers(Name, type, _numbers.Take(), _integers.Take()),
            _ => Column.FromBuffers(Name, type, _numbers.Take(), null),
        };

    protected override void AppendNull()
    {
        if (type == ColumnType.Text)
        {
            _texts.Add(null);
            return;
        }

        _numbers.Add(double.NaN);
        if (type == ColumnType.Integer)
        {
            _integers.Add(0);
        }
    }

    protected override void AppendValue(ReadOnlySpan<char> field, long record)
    {
        if (type == ColumnType.Text)
        {
            _texts.Add(_pool.Get(field));
        }
        else if (type == ColumnType.Integer && TryParseWhole(field, out var integer))
        {
            _integers.Add(integer);
            _numbers.Add(integer);
        }
        else if (type == ColumnType.Number && FieldText.TryParseNumber(field, out var number))
        {
            _numbers.Add(number);
        }
        else if (type == ColumnType.Boolean && TryParseTruth(field, out var truth))
        {
            _numbers.Add(truth ? 1 : 0);
        }
        else
        {
            if (!FieldText.IsNullMark(field))
            {
                AddMisfit(field, record);
            }

            AppendNull();
        }
    }

    // pandas writes 3 as "3.0" in an integer column that has nulls.
    private static bool TryParseWhole(ReadOnlySpan<char> field, out long integer)
    {
        const double exact = 1L << 53;
        if (FieldText.TryParseInteger(field, out integer))
        {
            return true;
        }

        if (FieldText.TryParseNumber(field, out var number) && Math.Abs(number) <= exact && Math.Floor(number) == number)
        {
            integer = (long)number;
            return true;
        }

        return false;
    }

    private static bool TryParseTruth(ReadOnlySpan<char> field, out bool truth)
    {
        if (FieldText.TryParseBoolean(field, out truth))
        {
            return true;
        }

        var text = field.Trim();
        truth = text is "1";
        return truth || text is "0";
    }

    private void AddMisfit(ReadOnlySpan<char> field, long record)
    {
        if (MisfitCount++ == 0)
        {
            MisfitRecord = record;
            Misfit = FieldText.Shorten(field);
        }
    }
}
