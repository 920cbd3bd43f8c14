using Serverless.Core.Columns;
using Serverless.Monitoring.Checks;
using Serverless.Monitoring.Validation;
using Serverless.Training.Components.Data;

namespace Serverless.Automation.Checks;

/// <summary>Checks data against a schema file, like the component `data/validate` in a pipeline.</summary>
public static class DataCheck
{
    public static async Task<CheckReport> RunAsync(string data, string schema, CancellationToken cancellationToken = default)
    {
        var rules = await SchemaFile.ReadAsync(schema, Path.GetFileName(schema), cancellationToken);
        var frame = await ColumnReader.ReadAsync(data, new ColumnReaderOptions { IsUntrusted = true }, cancellationToken);
        var findings = DataValidator.Validate(frame, rules).Findings;
        var broken = findings.Select(f => f.Column).ToHashSet();
        return new CheckReport(
            "data",
            [
                .. findings.Select(f => new Check(f.Column is null ? f.Rule : $"{f.Column}: {f.Rule}", false, f.Message, f.Fix)),
                .. rules
                    .Columns.Where(c => !broken.Contains(c.Name))
                    .Select(c => new Check(c.Name, true, $"All {frame.RowCount} rows match the schema.")),
            ]
        );
    }
}
