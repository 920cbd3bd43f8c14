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
                found.Add($"the column '{name}' was {Name(type)} and is {Name(column.Type)}{Example(type, column)}");
            }
        }

        if (!allowNewColumns)
        {
            found.AddRange(current.Columns.Where(c => !reference.ContainsKey(c.Name)).Select(c => $"the column '{c.Name}' is new"));
        }

        return found;
    }

    /// <summary>A column without values may have any type: drift detects its nulls.</summary>
    private static bool Fits(ColumnType type, Column column) => column.NullCount == column.Length || ColumnConversion.Fits(column, type);

    /// <summary>An example of a value that does not fit, where the types alone do not explain it.</summary>
    private static string Example(ColumnType type, Column column) =>
        type == ColumnType.Text ? "" : $" (row {ColumnConversion.FirstMisfit(column, type)} has '{Shown(type, column)}')";

    private static string Shown(ColumnType type, Column column) =>
        column.GetText(ColumnConversion.FirstMisfit(column, type)) is { Length: > 40 } text
            ? text[..40] + "…"
            : column.GetText(ColumnConversion.FirstMisfit(column, type))!;

    private static string Name(ColumnType type) =>
        type switch
        {
            ColumnType.Integer => "whole numbers",
            ColumnType.Number => "numbers",
            ColumnType.Boolean => "true and false",
            _ => "text",
        };
}
