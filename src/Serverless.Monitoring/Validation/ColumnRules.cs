using System.Globalization;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Validation;

/// <summary>Checks the rules of one column.</summary>
internal static class ColumnRules
{
    public static IEnumerable<ValidationFinding> Check(Column column, ColumnSchema rules)
    {
        var findings = new[]
        {
            CheckNulls(column, rules),
            CheckType(column, rules),
            CheckBound(column, rules.Min, isMin: true),
            CheckBound(column, rules.Max, isMin: false),
            CheckAllowed(column, rules),
            rules.Pattern is null ? null : PatternRule.Check(column, rules.Pattern),
            rules.Unique ? CheckUnique(column) : null,
        };
        return findings.OfType<ValidationFinding>();
    }

    private static ValidationFinding? CheckNulls(Column column, ColumnSchema rules)
    {
        var share = column.Length == 0 ? 0 : (double)column.NullCount / column.Length;
        if (share <= rules.MaxNullShare)
        {
            return null;
        }

        var nulls = Find(column, column.IsNull, includeNulls: true);
        var invariant = CultureInfo.InvariantCulture;
        return nulls.Finding(
            column.Name,
            ValidationRules.Nulls,
            rules.MaxNullShare == 0
                ? $"Column '{column.Name}' has {nulls.Count.ToString(invariant)} nulls, but none are allowed."
                : $"{share.ToString("0.##%", invariant)} of column '{column.Name}' are null, more than "
                    + $"{rules.MaxNullShare.ToString("0.##%", invariant)}.",
            "Fill or remove these rows, or raise the allowed share of nulls."
        );
    }

    private static ValidationFinding? CheckType(Column column, ColumnSchema rules)
    {
        // Everything can be text.
        var wrong = rules.Type is { } type and not ColumnType.Text
            ? Find(column, row => !ColumnConversion.Fits(column, row, type))
            : new Violations();
        return wrong.Count == 0
            ? null
            : wrong.Finding(
                column.Name,
                ValidationRules.Type,
                $"{wrong.Counted} of column '{column.Name}' {wrong.Are} not {rules.Type}: {wrong.Shown}.",
                "Fix the values at their source, or set another type for the column in the schema."
            );
    }

    private static ValidationFinding? CheckBound(Column column, double? bound, bool isMin)
    {
        // Non-numeric text already violates the type, and cannot be ordered.
        var wrong = bound is null
            ? new Violations()
            : Find(column, row => IsNumber(column, row, out var number) && (isMin ? number < bound : number > bound));
        return wrong.Count == 0
            ? null
            : wrong.Finding(
                column.Name,
                isMin ? ValidationRules.Min : ValidationRules.Max,
                $"{wrong.Counted} of column '{column.Name}' {wrong.Are} {(isMin ? "below" : "above")} "
                    + $"{bound!.Value.ToString("R", CultureInfo.InvariantCulture)}: {wrong.Shown}.",
                isMin ? "Fix the values at their source, or lower the minimum." : "Fix the values at their source, or raise the maximum."
            );
    }

    private static ValidationFinding? CheckAllowed(Column column, ColumnSchema rules)
    {
        if (rules.AllowedValues is null)
        {
            return null;
        }

        var allowed = rules.AllowedValues.ToHashSet(StringComparer.Ordinal);
        var numbers = column.Type is ColumnType.Integer or ColumnType.Number
            ? rules.AllowedValues.Where(value => TryParse(value, out _)).Select(Parse).ToHashSet()
            : [];
        if (column.Type == ColumnType.Boolean)
        {
            allowed.UnionWith(rules.AllowedValues.Select(value => ColumnConversion.TextIn(value, ColumnType.Boolean)));
        }

        var wrong = Find(
            column,
            row => !allowed.Contains(column.GetText(row)!) && (numbers.Count == 0 || !numbers.Contains(column.GetNumber(row)))
        );
        return wrong.Count == 0
            ? null
            : wrong.Finding(
                column.Name,
                ValidationRules.AllowedValues,
                $"{wrong.Counted} of column '{column.Name}' {wrong.Are} not allowed: {wrong.Shown}. "
                    + $"Allowed: {string.Join(", ", rules.AllowedValues.Take(20))}{(rules.AllowedValues.Count > 20 ? ", …" : "")}.",
                "Fix the values at their source, or add them to the allowed values."
            );
    }

    private static ValidationFinding? CheckUnique(Column column)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var wrong = Find(column, row => !seen.Add(column.GetText(row)!));
        return wrong.Count == 0
            ? null
            : wrong.Finding(
                column.Name,
                ValidationRules.Unique,
                $"{wrong.Counted} of column '{column.Name}' {(wrong.Count == 1 ? "repeats an earlier one" : "repeat earlier ones")}: "
                    + $"{wrong.Shown}.",
                "Remove the repeated rows, or choose a column that identifies each row."
            );
    }

    internal static Violations Find(Column column, Func<int, bool> isWrong, bool includeNulls = false)
    {
        var wrong = new Violations();
        for (var row = 0; row < column.Length; row++)
        {
            if ((includeNulls || !column.IsNull(row)) && isWrong(row))
            {
                wrong.Add(row, column.GetText(row));
            }
        }

        return wrong;
    }

    private static bool IsNumber(Column column, int row, out double number)
    {
        if (column.Type is ColumnType.Integer or ColumnType.Number)
        {
            number = column.GetNumber(row);
            return true;
        }

        return TryParse(column.GetText(row)!, out number);
    }

    private static bool TryParse(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);

    private static double Parse(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
