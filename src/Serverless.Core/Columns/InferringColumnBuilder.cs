namespace Serverless.Core.Columns;

/// <summary>
/// Infers the type of a column while its fields arrive, and stores the values as the type inferred so far. A column that turns into text
/// late has lost the texts of its numbers ("1.50" became 1.5) and must be read again. This is rare, and cheaper than keeping the text of
/// every number in every file.
/// </summary>
internal sealed class InferringColumnBuilder(string name, IReadOnlyList<string> nullTexts) : ColumnBuilder(name, nullTexts)
{
    private readonly TextPool _pool = new();
    private GrowingArray<double> _numbers = new();
    private GrowingArray<long> _integers = new();
    private GrowingArray<string?> _texts = new();
    private Kind _kind = Kind.Nothing;
    private bool _hasNullMark;
    private bool _hasFraction;

    private enum Kind
    {
        Nothing,
        Boolean,
        Integer,
        Number,
        Text,
        TextNotKept,
    }

    // Digits only, but too many for 64 bits: identifiers, of which a double would keep only the first sixteen digits.
    public override bool NeedsTexts => _kind == Kind.TextNotKept || (_kind == Kind.Number && !_hasFraction);

    public override Column Build() =>
        _kind switch
        {
            Kind.Text => Column.FromTexts(Name, _texts.Take()),
            Kind.Integer => Column.FromBuffers(Name, ColumnType.Integer, _numbers.Take(), _integers.Take()),
            Kind.Boolean => Column.FromBuffers(Name, ColumnType.Boolean, _numbers.Take(), null),
            _ => Column.FromNumbers(Name, _numbers.Take()),
        };

    protected override void AppendNull()
    {
        switch (_kind)
        {
            case Kind.Text:
                _texts.Add(null);
                break;
            case Kind.Integer:
                _numbers.Add(double.NaN);
                _integers.Add(0);
                break;
            case Kind.TextNotKept:
                break;
            default:
                _numbers.Add(double.NaN);
                break;
        }
    }

    protected override void AppendValue(ReadOnlySpan<char> field, long record)
    {
        switch (_kind)
        {
            case Kind.Text:
                _texts.Add(_pool.Get(field));
                break;
            case Kind.TextNotKept:
                break;
            case Kind.Integer:
                AppendToIntegers(field);
                break;
            case Kind.Number:
                AppendToNumbers(field);
                break;
            case Kind.Boolean:
                AppendToBooleans(field);
                break;
            default:
                AppendFirst(field);
                break;
        }
    }

    private void AppendFirst(ReadOnlySpan<char> field)
    {
        if (FieldText.IsNullMark(field))
        {
            _hasNullMark = true;
            AppendNull();
        }
        else if (FieldText.TryParseBoolean(field, out var truth))
        {
            _kind = Kind.Boolean;
            _numbers.Add(truth ? 1 : 0);
        }
        else
        {
            _kind = Kind.Integer;
            _integers.AddMany(0, _numbers.Count);
            AppendToIntegers(field, isFirst: true);
        }
    }

    private void AppendToBooleans(ReadOnlySpan<char> field)
    {
        if (FieldText.TryParseBoolean(field, out var truth))
        {
            _numbers.Add(truth ? 1 : 0);
        }
        else
        {
            AppendNullMarkOrTurnToText(field);
        }
    }

    private void AppendToIntegers(ReadOnlySpan<char> field, bool isFirst = false)
    {
        if (FieldText.TryParseInteger(field, out var integer) && !FieldText.HasLeadingZero(field))
        {
            _integers.Add(integer);
            _numbers.Add(integer);
        }
        else if (!FieldText.HasLeadingZero(field) && FieldText.TryParseNumber(field, out var number))
        {
            _kind = Kind.Number;
            _hasFraction = !FieldText.IsWhole(field);
            _integers = new GrowingArray<long>();
            _numbers.Add(number);
        }
        else
        {
            AppendNullMarkOrTurnToText(field, isFirst);
        }
    }

    private void AppendToNumbers(ReadOnlySpan<char> field)
    {
        if (!FieldText.HasLeadingZero(field) && FieldText.TryParseNumber(field, out var number))
        {
            _hasFraction = _hasFraction || !FieldText.IsWhole(field);
            _numbers.Add(number);
        }
        else
        {
            AppendNullMarkOrTurnToText(field);
        }
    }

    private void AppendNullMarkOrTurnToText(ReadOnlySpan<char> field, bool isFirst = false)
    {
        if (FieldText.IsNullMark(field))
        {
            AppendNull();
            return;
        }

        if (isFirst && !_hasNullMark)
        {
            _kind = Kind.Text;
            _texts.AddMany(null, _numbers.Count);
            _texts.Add(_pool.Get(field));
        }
        else
        {
            _kind = Kind.TextNotKept;
        }

        _numbers = new GrowingArray<double>();
        _integers = new GrowingArray<long>();
    }
}
