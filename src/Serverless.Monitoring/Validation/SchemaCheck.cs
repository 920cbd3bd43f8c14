using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Validation;

/// <summary>Rejects contradictory schemas and reports everything that is wrong at once.</summary>
internal static class SchemaCheck
{
    public static void Check(DataSchema schema)
    {
        var faults = schema.Columns.SelectMany(CheckColumn).ToList();
        faults.AddRange(
            schema
                .Columns.GroupBy(column => column.Name, StringComparer.Ordinal)
                .Where(group => group.Count() > 1)
                .Select(group => $"Column '{group.Key}' is defined {group.Count()} times.")
        );
        if (schema.MinRows < 0 || schema.MaxRows < schema.MinRows)
        {
            faults.Add($"No number of rows is at least {schema.MinRows} and at most {schema.MaxRows?.ToString() ?? "any"}.");
        }

        if (faults.Count > 0)
        {
            throw ServerlessException.Invalid(
                $"The schema is invalid: {string.Join(" ", faults)}",
                [.. faults.Select(fault => new Diagnostic("schema", 0, fault))]
            );
        }
    }

    private static IEnumerable<string> CheckColumn(ColumnSchema column)
    {
        if (string.IsNullOrWhiteSpace(column.Name))
        {
            yield return "A column has no name.";
        }

        if (column.MaxNullShare is not (>= 0 and <= 1))
        {
            yield return $"Column '{column.Name}': the share of nulls must be between 0 and 1.";
        }

        if (column.Min > column.Max || column.Min is double.NaN || column.Max is double.NaN)
        {
            yield return $"Column '{column.Name}': no number is at least its minimum and at most its maximum.";
        }

        if (column.Type is ColumnType.Text or ColumnType.Boolean && (column.Min is not null || column.Max is not null))
        {
            yield return $"Column '{column.Name}': a minimum or maximum requires the type Integer or Number.";
        }

        if (column.Pattern is not null && PatternFault(column.Pattern) is { } fault)
        {
            yield return $"Column '{column.Name}': the pattern is not a regular expression: {fault}";
        }
    }

    private static string? PatternFault(string pattern)
    {
        try
        {
            PatternRule.Compile(pattern);
            return null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }
}
