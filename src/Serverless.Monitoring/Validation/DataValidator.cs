using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Validation;

/// <summary>Checks data against a schema and reports everything that is wrong, not only the first finding.</summary>
public static class DataValidator
{
    /// <exception cref="ServerlessException">The schema itself is invalid.</exception>
    public static ValidationReport Validate(ColumnFrame frame, DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(schema);
        SchemaCheck.Check(schema);

        var findings = new List<ValidationFinding>();
        findings.AddRange(CheckRows(frame, schema));
        foreach (var rules in schema.Columns)
        {
            if (frame.TryGet(rules.Name, out var column))
            {
                findings.AddRange(ColumnRules.Check(column, rules));
            }
            else if (rules.Required)
            {
                findings.Add(MissingColumn(rules.Name, frame));
            }
        }

        if (!schema.AllowUnexpectedColumns)
        {
            findings.AddRange(CheckUnexpected(frame, schema));
        }

        return new ValidationReport(findings);
    }

    /// <summary>
    /// Checks that no id of the training rows is also in the test rows: metrics on rows that a model has seen say nothing.
    /// Ids are compared as text, so that 7 and "7" are the same; nulls are not compared.
    /// </summary>
    public static ValidationReport CheckOverlap(ColumnFrame train, ColumnFrame test, string idColumn)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        var trainIds = train[idColumn];
        var testIds = test[idColumn];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var row = 0; row < trainIds.Length; row++)
        {
            if (trainIds.GetText(row) is { } id)
            {
                seen.Add(id);
            }
        }

        var shared = new Violations();
        for (var row = 0; row < testIds.Length; row++)
        {
            if (testIds.GetText(row) is { } id && seen.Contains(id))
            {
                shared.Add(row, id);
            }
        }

        return new ValidationReport(
            shared.Count == 0
                ? []
                :
                [
                    shared.Finding(
                        idColumn,
                        ValidationRules.Overlap,
                        $"{Format(shared.Count)} of {Format(test.RowCount)} test rows have an id in '{idColumn}' that training rows "
                            + $"have, too: {shared.Shown}.",
                        "Split by this column so that each id is on one side only."
                    ),
                ]
        );
    }

    private static IEnumerable<ValidationFinding> CheckRows(ColumnFrame frame, DataSchema schema)
    {
        if (frame.RowCount < schema.MinRows)
        {
            yield return new ValidationFinding
            {
                Rule = ValidationRules.MinRows,
                Message = $"There are {Format(frame.RowCount)} rows, fewer than {Format(schema.MinRows)}.",
                Count = schema.MinRows - frame.RowCount,
                Fix = "Check that the source is complete, or lower the minimum.",
            };
        }

        if (frame.RowCount > schema.MaxRows)
        {
            yield return new ValidationFinding
            {
                Rule = ValidationRules.MaxRows,
                Message = $"There are {Format(frame.RowCount)} rows, more than {Format(schema.MaxRows.Value)}.",
                Count = frame.RowCount - schema.MaxRows.Value,
                Fix = "Check that the source has no duplicate rows, or raise the maximum.",
            };
        }
    }

    private static ValidationFinding MissingColumn(string name, ColumnFrame frame)
    {
        var nearest = NearestName.Find(name, frame.Columns.Select(column => column.Name));
        return new ValidationFinding
        {
            Column = name,
            Rule = ValidationRules.MissingColumn,
            Message = $"Column '{name}' is missing.",
            Count = 1,
            Fix = nearest is null
                ? "Add the column, or make it optional."
                : $"Did you mean '{nearest}'? Rename the column or fix the schema.",
        };
    }

    private static IEnumerable<ValidationFinding> CheckUnexpected(ColumnFrame frame, DataSchema schema)
    {
        var known = schema.Columns.Select(rules => rules.Name).ToHashSet(StringComparer.Ordinal);
        return frame
            .Columns.Where(column => !known.Contains(column.Name))
            .Select(column => new ValidationFinding
            {
                Column = column.Name,
                Rule = ValidationRules.UnexpectedColumn,
                Message = $"Column '{column.Name}' is not in the schema.",
                Count = 1,
                Fix = "Add it to the schema, remove it from the data, or allow unexpected columns.",
            });
    }

    private static string Format(long count) => count.ToString(CultureInfo.InvariantCulture);
}
