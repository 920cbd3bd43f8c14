using System.ComponentModel;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Validation;
using Serverless.Pipelines.Components;
using Serverless.Training.Components.Compare;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Data;

internal sealed class ValidateParameters
{
    [Description("Data to validate: a CSV or Parquet file.")]
    public required InputPath Data { get; set; }

    [Description("Schema, a YAML file: types, ranges, allowed values, nulls, unique IDs, number of rows.")]
    public required InputPath Schema { get; set; }

    [Description("JSON file to write: rows, columns and findings.")]
    public required OutputPath Report { get; set; }

    [Description("Training rows, to be used with test and id: no ID may also be among the test rows.")]
    public InputPath? Train { get; set; }

    [Description("Test rows, to be used with train and id.")]
    public InputPath? Test { get; set; }

    [Description("ID column, to be used with train and test.")]
    public string? Id { get; set; }
}

[Component("data/validate", Description = "Validates data against a schema file. Fails with all violations.")]
internal sealed class ValidateComponent : Component<ValidateParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        ValidateParameters p,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        if (new object?[] { p.Train, p.Test, p.Id }.Count(x => x is not null) is 1 or 2)
        {
            throw ServerlessException.Invalid(
                "train, test and id must be used together: two parts, and the column whose values they must not share.",
                "Set all three or none."
            );
        }

        var schema = await SchemaFile.ReadAsync(p.Schema.Path, p.Schema.Name, cancellationToken);
        var frame = await ColumnReader.ReadAsync(p.Data.Path, null, cancellationToken);
        var report = DataValidator.Validate(frame, schema);
        if (p.Train is not null)
        {
            report = report.And(
                DataValidator.CheckOverlap(
                    await ColumnReader.ReadAsync(p.Train.Path, null, cancellationToken),
                    await ColumnReader.ReadAsync(p.Test!.Path, null, cancellationToken),
                    p.Id!
                )
            );
        }

        var json = new JsonObject
        {
            ["data"] = new JsonObject { ["name"] = p.Data.Name, ["digest"] = p.Data.Digest },
            ["ok"] = report.Ok,
            ["rows"] = frame.RowCount,
            ["columns"] = new JsonArray([
                .. frame.Columns.Select(c =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["name"] = c.Name,
                            ["type"] = c.Type.ToString().ToLowerInvariant(),
                            ["nulls"] = c.NullCount,
                        }
                ),
            ]),
            ["findings"] = ComparisonReport.ToNode(report.Findings),
        };
        await File.WriteAllTextAsync(p.Report.Path, json.ToJsonString(ModelJson.Indented) + "\n", cancellationToken);
        foreach (var finding in report.Findings)
        {
            context.Log.WriteLine($"{finding.Message} {finding.Fix}");
        }

        report.ThrowIfInvalid(p.Data.Name);
        context.Log.WriteLine($"{p.Data.Name}: {frame.RowCount} rows with {frame.Columns.Count} columns match {p.Schema.Name}.");
        return new ComponentOutputs
        {
            Values = new JsonObject { ["rows"] = frame.RowCount, ["columns"] = frame.Columns.Count },
        };
    }
}
