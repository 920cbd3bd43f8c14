using System.Diagnostics.CodeAnalysis;

namespace Serverless.Core.Columns;

/// <summary>An ordered set of columns of equal length with unique names. Names are case-sensitive.</summary>
public sealed class ColumnFrame
{
    private readonly Column[] _columns;
    private readonly Dictionary<string, int> _indexes;

    public ColumnFrame(IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
        _indexes = new Dictionary<string, int>(_columns.Length, StringComparer.Ordinal);
        for (var i = 0; i < _columns.Length; i++)
        {
            if (!_indexes.TryAdd(_columns[i].Name, i))
            {
                throw ServerlessException.Invalid($"Two columns are named '{_columns[i].Name}'.", "Rename one of them.");
            }

            if (_columns[i].Length != _columns[0].Length)
            {
                throw ServerlessException.Invalid(
                    $"Column '{_columns[i].Name}' has {_columns[i].Length} rows, but column '{_columns[0].Name}' has {_columns[0].Length}."
                );
            }
        }
    }

    public ColumnFrame(params Column[] columns)
        : this((IEnumerable<Column>)columns) { }

    public IReadOnlyList<Column> Columns => _columns;

    public int RowCount => _columns.Length == 0 ? 0 : _columns[0].Length;

    /// <summary>Gets a column by name. If there is none, the error lists the existing columns and suggests the nearest name.</summary>
    public Column this[string name] => TryGet(name, out var column) ? column : throw NoColumn(name);

    public bool TryGet(string name, [NotNullWhen(true)] out Column? column)
    {
        column = _indexes.TryGetValue(name, out var index) ? _columns[index] : null;
        return column is not null;
    }

    public bool Contains(string name) => _indexes.ContainsKey(name);

    /// <summary>Returns a frame with the given rows, in the given order.</summary>
    public ColumnFrame Take(IReadOnlyList<int> rows) => new(_columns.Select(column => column.Take(rows)));

    /// <summary>Returns a frame with one more column at its end, or with the column of that name replaced.</summary>
    public ColumnFrame With(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return _indexes.TryGetValue(column.Name, out var index)
            ? new ColumnFrame(_columns.Select((old, i) => i == index ? column : old))
            : new ColumnFrame(_columns.Append(column));
    }

    /// <summary>Returns the frame without the named columns. Throws for an unknown name, like the indexer.</summary>
    public ColumnFrame Without(IEnumerable<string> names)
    {
        var without = names.Select(name => this[name].Name).ToHashSet(StringComparer.Ordinal);
        return new ColumnFrame(_columns.Where(column => !without.Contains(column.Name)));
    }

    public ColumnFrame Without(params string[] names) => Without((IEnumerable<string>)names);

    /// <summary>Returns a frame with the named columns, in the order of the names.</summary>
    public ColumnFrame Select(IEnumerable<string> names) => new(names.Select(name => this[name]));

    public override string ToString() =>
        $"{RowCount} rows; {string.Join(", ", _columns.Select(column => $"{column.Name}: {column.Type}"))}";

    private ServerlessException NoColumn(string name)
    {
        const int listed = 30;
        var names = string.Join(", ", _columns.Take(listed).Select(column => column.Name));
        var more = _columns.Length > listed ? $", and {_columns.Length - listed} more" : "";
        var nearest = NearestName.Find(name, _columns.Select(column => column.Name));
        return ServerlessException.Invalid(
            $"There is no column '{name}'. Existing columns: {names}{more}.",
            nearest is null ? "Use one of these columns." : $"Did you mean '{nearest}'?"
        );
    }
}
