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
    [Description("The data to split: a CSV or Parquet file.")]
    public required InputPath Data { get; set; }

    [Description("CSV file for the part that models learn from: what the other parts leave.")]
    public required OutputPath Train { get; set; }

    [Description("CSV file for the part that candidates are chosen on.")]
    public OutputPath? Validation { get; set; }

    [Description("CSV file for the part that the chosen model is judged on, and nothing else.")]
    public required OutputPath Test { get; set; }

    [Range(0.0, 1.0)]
    [Description("Share of the validation part. Default: 0.2 if there is one.")]
    public double? ValidationShare { get; set; }

    [Range(0.0, 1.0)]
    [Description("Share of the test part.")]
    public double TestShare { get; set; } = 0.2;

    [Description("A column whose values keep their shares in every part: the label.")]
    public string? Stratify { get; set; }

    [Description("A column whose rows of one value stay together: a customer with several rows is in one part only.")]
    public string? Id { get; set; }

    [Description("Name of a column to add, with the row's number in the data, from 0: it tells later which row was which.")]
    public string? RowId { get; set; }

    [Range(0, int.MaxValue)]
    [Description("The same data and seed give the same parts, byte for byte.")]
    public int Seed { get; set; }
}

[Component("data/split", Description = "Splits data into train, validation and test: seeded, stratified, rows of one id together.")]
internal sealed class SplitComponent : Component<SplitParameters>
{
    public override async Task<ComponentOutputs> RunAsync(SplitParameters p, ComponentContext context, CancellationToken cancellationToken)
    {
        var validationShare = p.ValidationShare ?? (p.Validation is null ? 0 : 0.2);
        if (validationShare > 0 != p.Validation is not null)
        {
            throw ServerlessException.Invalid("validation and validation_share go together: the file and its size.", "Give both or none.");
        }

        if (p.TestShare <= 0 || validationShare + p.TestShare >= 1)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"With validation_share {validationShare} and test_share {p.TestShare}, a part is left without rows."
                ),
                "Let each share be above 0 and their sum below 1: what is left is for training."
            );
        }

        var frame = await ColumnReader.ReadAsync(p.Data.Path, new ColumnReaderOptions { RequireRows = true }, cancellationToken);
        if (p.RowId is { } rowId && frame.Contains(rowId))
        {
            throw ServerlessException.Invalid(
                $"The data has a column '{rowId}' already.",
                "Give row_id another name, or leave it out and use the column."
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
                    $"{frame.RowCount} rows are too few: none is left for {file.Name}.",
                    "Give more rows or other shares."
                );
            }

            await ColumnWriter.WriteAsync(frame.Take(rows), file.Path, cancellationToken);
            context.Log.WriteLine($"{file.Name}: {rows.Length} of {frame.RowCount} rows");
            values[key] = rows.Length;
        }

        return new ComponentOutputs { Values = values };
    }
}
