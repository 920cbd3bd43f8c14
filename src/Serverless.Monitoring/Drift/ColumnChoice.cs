using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Drift;

/// <summary>Chooses the columns of the reference to compare, with reasons for skipping others.</summary>
internal sealed record ColumnChoice(List<ReferenceColumn> Compared, List<SkippedColumn> Skipped)
{
    private const int FewestForIds = 20;

    public static ColumnChoice Of(ReferenceProfile reference, DriftOptions options)
    {
        var names = reference.Columns.Select(column => column.Name).ToList();
        CheckNames(options.Columns, names);
        CheckNames(options.Exclude, names);
        CheckNames(options.Categorical, names);
        CheckNames(options.Weights?.Keys, names);
        CheckNames(options.Methods?.Keys, names);
        var choice = new ColumnChoice([], []);
        foreach (var column in reference.Columns)
        {
            if (options.Exclude.Contains(column.Name))
            {
                choice.Skipped.Add(new SkippedColumn(column.Name, "excluded"));
            }
            else if (options.Columns is not null && !options.Columns.Contains(column.Name))
            {
                choice.Skipped.Add(new SkippedColumn(column.Name, "not selected"));
            }
            else if (options.Preset == DriftPresets.Default && options.Columns is null && IsIdentifier(column))
            {
                choice.Skipped.Add(new SkippedColumn(column.Name, "an identifier: every row of the reference has a different value"));
            }
            else if (options.Preset == DriftPresets.Default && options.Columns is null && GrowingColumn.NoteOf(column) is { } note)
            {
                choice.Skipped.Add(new SkippedColumn(column.Name, note));
            }
            else
            {
                choice.Compared.Add(options.Categorical.Contains(column.Name) ? column.AsCategories() : column);
            }
        }

        return choice;
    }

    // New rows have new identifiers, which is all a test would detect. Integers could be amounts, so these also need an identifier's name.
    private static bool IsIdentifier(ReferenceColumn column) =>
        column.Values >= FewestForIds
        && (column.Categories?.Distinct ?? column.Numeric!.Distinct) == column.Values
        && (column.Type == ColumnType.Text || (column.Type == ColumnType.Integer && IsNamedId(column.Name)));

    private static bool IsNamedId(string name) =>
        name.Equals("id", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("_id", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(" id", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("Id", StringComparison.Ordinal)
        || name.EndsWith("ID", StringComparison.Ordinal);

    private static void CheckNames(IEnumerable<string>? names, List<string> known)
    {
        foreach (var name in names ?? [])
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                throw ServerlessException.Invalid(
                    $"The reference has no column '{name}'.",
                    NearestName.Find(name, known) is { } nearest ? $"Did you mean '{nearest}'?" : "Use a column of the reference."
                );
            }
        }
    }
}
