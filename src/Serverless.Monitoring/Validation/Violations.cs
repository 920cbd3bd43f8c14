using System.Globalization;

namespace Serverless.Monitoring.Validation;

/// <summary>Collects the rows that violate a rule: counts all, and keeps the first rows and distinct values for display.</summary>
internal sealed class Violations
{
    private const int MostShown = 5;

    private readonly List<int> _rows = [];
    private readonly List<string> _values = [];

    public long Count { get; private set; }

    public void Add(int row, string? value)
    {
        Count++;
        if (_rows.Count < MostShown)
        {
            _rows.Add(row + 1);
        }

        if (value is not null && _values.Count < MostShown && !_values.Contains(value))
        {
            _values.Add(value);
        }
    }

    /// <summary>"3 values" or "1 value", for the start of a message.</summary>
    public string Counted => Count == 1 ? "1 value" : $"{Count.ToString(CultureInfo.InvariantCulture)} values";

    public string Are => Count == 1 ? "is" : "are";

    /// <summary>The first values, quoted, and the first row: "'x', 'y' (first in row 7)".</summary>
    public string Shown
    {
        get
        {
            var values = string.Join(", ", _values.Select(value => value.Length <= 40 ? $"'{value}'" : $"'{value[..40]}…'"));
            return $"{values}{(Count > _values.Count ? ", …" : "")} (first in row {_rows[0].ToString(CultureInfo.InvariantCulture)})";
        }
    }

    public ValidationFinding Finding(string column, string rule, string message, string fix) =>
        new()
        {
            Column = column,
            Rule = rule,
            Message = message,
            Count = Count,
            FirstRows = _rows,
            Fix = fix,
        };
}
