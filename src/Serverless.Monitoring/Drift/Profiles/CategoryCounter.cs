using System.Globalization;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>Counts the values of columns as categories.</summary>
internal sealed class CategoryCounter
{
    private readonly Dictionary<string, long> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<double, long> _numbers = [];
    private bool _isBoolean;

    public void Add(Column column)
    {
        if (column.IsNumeric)
        {
            _isBoolean |= column.Type == ColumnType.Boolean;
            AddNumbers(column.Numbers);
        }
        else
        {
            TextCounter.Count(column.Texts, _texts);
        }
    }

    public Dictionary<string, long> Take()
    {
        foreach (var (number, count) in _numbers)
        {
            var text = Format(number, _isBoolean);
            _texts[text] = _texts.GetValueOrDefault(text) + count;
        }

        _numbers.Clear();
        return _texts;
    }

    public static string Format(double number, bool isBoolean = false) =>
        (isBoolean, number) switch
        {
            (true, 0) => "false",
            (true, _) => "true",
            _ => number.ToString("R", CultureInfo.InvariantCulture),
        };

    // Infinities are not a category: they are counted separately, as in a numeric column.
    private void AddNumbers(ReadOnlySpan<double> numbers)
    {
        foreach (var number in numbers)
        {
            if (double.IsFinite(number))
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_numbers, number, out _)++;
            }
        }
    }
}
