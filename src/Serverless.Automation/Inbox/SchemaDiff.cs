using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Automation.Inbox;

/// <summary>Describes how the columns of new data differ from those of its reference. Empty if they match.</summary>
internal static class SchemaDiff
{
    public static IReadOnlyList<string> Of(IReadOnlyDictionary<string, ColumnType> reference, ColumnFrame current, bool allowNewColumns)
    {
        var found = new List<string>();
        foreach (var (name, type) in reference)
        {
            if (!current.TryGet(name, out var column))
            {
                var near = NearestName.Find(name, current.Columns.Select(c => c.Name).Where(c => !reference.ContainsKey(c)));
                found.Add($"the column '{name}' is missing{(near is null ? "" : $" (is it now named '{near}'?)")}");
            }
            else if (!Fits(type, column))
            {
                found.Add($"the column '{name}' was {Name(type)} and is {Name(column.Type)}");
            }
        }

        if (!allowNewColumns)
        {
            found.AddRange(current.Columns.Where(c => !reference.ContainsKey(c.Name)).Select(c => $"the column '{c.Name}' is new"));
        }

        return found;
    }

    /// <summary>
    /// Whole numbers are numbers, 0 and 1 may be booleans, and a column without values may have any type: drift detects its nulls.
    /// </summary>
    private static bool Fits(ColumnType type, Column column) =>
        column.Type == type
        || column.NullCount == column.Length
        || (type == ColumnType.Number && column.Type == ColumnType.Integer)
        || (
            type == ColumnType.Boolean
            && column.Type == ColumnType.Integer
            && column.Numbers.ToArray().All(v => double.IsNaN(v) || v is 0 or 1)
        );

    private static string Name(ColumnType type) =>
        type switch
        {
            ColumnType.Integer => "whole numbers",
            ColumnType.Number => "numbers",
            ColumnType.Boolean => "true and false",
            _ => "text",
        };
}
