using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Pipelines.Components;

namespace Serverless.Training.Components.Data;

internal sealed class SplitParameters
{
    [Description("Data to split: a CSV or Parquet file.")]
    public required InputPath Data { get; set; }

    [Description("CSV file to write with the training part: the rows that are in no other part.")]
    public required OutputPath Train { get; set; }

    [Description("CSV file to write with the validation part, for choosing candidates.")]
    public OutputPath? Validation { get; set; }

    [Description("CSV file to write with the test part, only for judging the chosen model.")]
    public required OutputPath Test { get; set; }

    [Range(0.0, 1.0)]
    [Description("Share of the validation part. Default: 0.2 if there is a validation part.")]
    public double? ValidationShare { get; set; }

    [Range(0.0, 1.0)]
    [Description("Share of the test part.")]
    public double TestShare { get; set; } = 0.2;

    [Description("Column to stratify by, usually the label: its values have the same shares in every part.")]
    public string? Stratify { get; set; }

    [Description("Column to group by: rows with the same value, such as a customer, are in the same part.")]
    public string? Id { get; set; }

    [Description("Name of a column to add with the row number in the data, from 0. It identifies rows later.")]
    public string? RowId { get; set; }

    [Range(0, int.MaxValue)]
    [Description("Seed of the split. The same data and seed give the same parts, byte for byte.")]
    public int Seed { get; set; }
}

[Component("data/split", Description = "Splits data into train, validation and test parts: seeded, stratified and grouped.")]
internal sealed class SplitComponent : Component<SplitParameters>
{
    public override async Task<ComponentOutputs> RunAsync(SplitParameters p, ComponentContext context, CancellationToken cancellationToken)
    {
        var validationShare = p.ValidationShare ?? (p.Validation is null ? 0 : 0.2);
        if (validationShare > 0 != p.Validation is not null)
        {
            throw ServerlessException.Invalid("validation and validation_share must be used together.", "Set both or neither.");
        }

        if (p.TestShare <= 0 || validationShare + p.TestShare >= 1)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"With validation_share {validationShare} and test_share {p.TestShare}, a part has no rows."
                ),
                "Use shares above 0 with a sum below 1. The rest is for training."
            );
        }

        var frame = await ColumnReader.ReadAsync(p.Data.Path, new ColumnReaderOptions { RequireRows = true }, cancellationToken);
        if (p.RowId is { } rowId && frame.Contains(rowId))
        {
            throw ServerlessException.Invalid(
                $"The data already has a column '{rowId}'.",
                "Choose another name for row_id, or omit it and use the column."
            );
        }

        var parts = RowSplit.Assign(
            frame.RowCount,
            p.Seed,
            p.Stratify is { } s ? frame[s] : null,
            p.Id is { } id ? frame[id] : null,
            [1 - validationShare - p.TestShare, validationShare, p.TestShare]
        );
        if (p.RowId is { } name)
        {
            frame = frame.With(Column.FromIntegers(name, [.. Enumerable.Range(0, frame.RowCount).Select(i => (long)i)]));
        }

        var values = new JsonObject();
        foreach (
            var (part, file, key) in new[] { (0, p.Train, "train_rows"), (1, p.Validation, "validation_rows"), (2, p.Test, "test_rows") }
        )
        {
            if (file is null)
            {
                continue;
            }

            var rows = Enumerable.Range(0, frame.RowCount).Where(r => parts[r] == part).ToArray();
            if (rows.Length == 0)
            {
                throw ServerlessException.Invalid(
                    $"{frame.RowCount} rows are too few: {file.Name} would be empty.",
                    "Provide more rows, or change the shares."
                );
            }

            await ColumnWriter.WriteAsync(frame.Take(rows), file.Path, cancellationToken);
            context.Log.WriteLine($"{file.Name}: {rows.Length} of {frame.RowCount} rows");
            values[key] = rows.Length;
        }

        return new ComponentOutputs { Values = values };
    }
}
