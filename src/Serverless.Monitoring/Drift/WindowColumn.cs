using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Presets;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift;

/// <summary>Collects the values of one column of the current data.</summary>
internal sealed class WindowColumn(ReferenceColumn reference, int buffered)
{
    private readonly CategoryCounter _categories = new();
    private readonly List<double> _values = [];
    private NumericCounts? _counts;
    private Moments _moments;
    private double _min = double.NaN;
    private double _max = double.NaN;
    private long _rows;
    private long _nulls;
    private long _infinities;
    private long _missing;
    private ColumnType? _textInstead;

    public ReferenceColumn Reference => reference;

    /// <param name="column">The column; null if the frame has no such column.</param>
    /// <param name="rows">The rows of the frame.</param>
    public void Add(Column? column, int rows)
    {
        _rows += rows;
        if (column is null)
        {
            _missing += rows;
            _nulls += rows;
            return;
        }

        // pandas' 2.0 is the 2 of the reference, and its True the 1: what is one value is counted as one.
        column = ColumnConversion.ToOrSame(column, reference.Type);
        _nulls += column.NullCount;
        _infinities += column.IsNumeric ? FiniteValues.Count(column.Numbers).Infinite : 0;
        if (!reference.IsNumeric)
        {
            _categories.Add(column);
        }
        else if (column.IsNumeric)
        {
            AddNumbers(FiniteValues.Of(column.Numbers));
        }
        else if (column.NullCount < column.Length)
        {
            _textInstead = column.Type;
        }
    }

    public ColumnPair ToPair()
    {
        var pair = new ColumnPair(
            reference.Name,
            new RowCounts(reference.Rows, reference.Nulls, reference.Infinities),
            new RowCounts(_rows, _nulls, _infinities)
        );
        if (_missing == _rows && _rows > 0)
        {
            return pair with { Problem = "The current data does not have this column." };
        }

        // A reference that contains only nulls is read as numbers, whatever the column's type.
        if (_textInstead is not null)
        {
            return pair with
            {
                Problem =
                    reference.Values == 0
                        ? "The reference has no values."
                        : "The column contains text now but contained numbers in the reference.",
            };
        }

        return reference.IsNumeric
            ? pair with
            {
                Numeric = ToNumeric(reference.Numeric!),
            }
            : pair with
            {
                Categories = new CategoryComparison(reference.Categories!, _categories.Take()),
            };
    }

    private NumericComparison ToNumeric(NumericReference numeric)
    {
        if (_counts is not null)
        {
            return NumericComparison.OfCounts(numeric, _counts, _moments, _min, _max);
        }

        var sorted = _values.ToArray();
        Array.Sort(sorted);
        return NumericComparison.OfSorted(numeric, sorted);
    }

    private void AddNumbers(ReadOnlySpan<double> values)
    {
        _moments = _moments.Join(Moments.Of(values));
        foreach (var value in values)
        {
            _min = value >= _min ? _min : value;
            _max = value <= _max ? _max : value;
        }

        if (_counts is null && _values.Count + values.Length <= buffered)
        {
            _values.AddRange(values);
            return;
        }

        if (_counts is null)
        {
            _counts = new NumericCounts(reference.Numeric!.Counts.Knots);
            foreach (var value in _values)
            {
                _counts.Add(value);
            }

            _values.Clear();
            _values.TrimExcess();
        }

        foreach (var value in values)
        {
            _counts.Add(value);
        }
    }
}
