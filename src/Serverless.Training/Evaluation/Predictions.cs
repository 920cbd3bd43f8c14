using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Pipelines.Components;
using Serverless.Training.Models;

namespace Serverless.Training.Evaluation;

/// <summary>A model's predictions for labeled rows: the row's ID, the label as a number, the score.</summary>
public sealed record Predictions(IReadOnlyList<string> Rows, double[] Labels, double[] Scores)
{
    private const string RowColumn = "row";
    private const string LabelColumn = "y";
    private const string ScoreColumn = "score";

    public int Count => Labels.Length;

    /// <param name="model">The model.</param>
    /// <param name="frame">Rows with the model's label.</param>
    /// <param name="rowId">The column that identifies a row. Null for the row number.</param>
    public static Predictions Make(StoredModel model, ColumnFrame frame, string? rowId)
    {
        var labels = Training.Learning.Labels.Read(frame, model.Manifest);
        var names = rowId is null ? null : frame[rowId];
        return new Predictions(
            [
                .. Enumerable
                    .Range(0, frame.RowCount)
                    .Select(r =>
                        names is null
                            ? r.ToString(System.Globalization.CultureInfo.InvariantCulture)
                            : names.GetText(r) ?? throw ServerlessException.Invalid($"Row {r} has no '{rowId}', which identifies the rows.")
                    ),
            ],
            labels,
            model.Score(frame)
        );
    }

    public Task WriteAsync(string path, CancellationToken cancellationToken) =>
        ColumnWriter.WriteAsync(
            new ColumnFrame(
                Column.FromTexts(RowColumn, [.. Rows]),
                Column.FromNumbers(LabelColumn, Labels),
                Column.FromNumbers(ScoreColumn, Scores)
            ),
            path,
            cancellationToken
        );

    public static async Task<Predictions> ReadAsync(InputPath file, CancellationToken cancellationToken)
    {
        var frame = await ColumnReader.ReadAsync(file.Path, new ColumnReaderOptions { RequireRows = true }, cancellationToken);
        foreach (var name in new[] { RowColumn, LabelColumn, ScoreColumn })
        {
            if (!frame.TryGet(name, out var column) || (name != RowColumn && (!column.IsNumeric || column.NullCount > 0)))
            {
                throw ServerlessException.Invalid(
                    $"'{file.Name}' has no valid predictions: it must have the columns row, y and score, with numbers in y and score.",
                    "Give the file that `evaluate` wrote as `predictions`."
                );
            }
        }

        return new Predictions(
            [.. Enumerable.Range(0, frame.RowCount).Select(r => frame[RowColumn].GetText(r) ?? "")],
            frame[LabelColumn].Numbers.ToArray(),
            frame[ScoreColumn].Numbers.ToArray()
        );
    }
}
