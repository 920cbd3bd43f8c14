using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Pipelines.Components;
using Serverless.Training.Components.Compare;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Evaluate;

internal sealed class EvaluateParameters
{
    [Description("Model folder.")]
    public required InputPath Model { get; set; }

    [Description("Labeled rows: a CSV or Parquet file.")]
    public required InputPath Data { get; set; }

    [MetricsFile]
    [Description("JSON file to write with the metrics: accuracy, auc, f1, log_loss, precision, recall, or rmse, mae, r2.")]
    public required OutputPath Metrics { get; set; }

    [Description("CSV file to write with the predictions: row, y (the label as a number), score.")]
    public OutputPath? Predictions { get; set; }

    [Description("JSON file to write with the metrics, overall and per slice.")]
    public OutputPath? Report { get; set; }

    [Description("Columns to slice by: each value is a slice with its own metrics.")]
    public IReadOnlyList<string> Slices { get; set; } = [];

    [Description("Column that identifies a row in the predictions. Default: the row number, from 0.")]
    public string? RowId { get; set; }

    [Range(0.0, 1.0)]
    [Description("Score from which a row counts as positive. Default: the model's threshold.")]
    public double? Threshold { get; set; }
}

[Component("evaluate", Description = "Evaluates a model on labeled rows, overall and per slice.")]
internal sealed class EvaluateComponent : Component<EvaluateParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        EvaluateParameters p,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        using var model = StoredModel.Load(p.Model.Path);
        var manifest = model.Manifest;
        var frame = await ModelData.ReadAsync(p.Data.Path, manifest, cancellationToken);
        var predictions = Predictions.Make(model, frame, p.RowId);
        var threshold = p.Threshold ?? manifest.Threshold;
        var metrics = ModelMetrics.Of(manifest.Task, predictions.Labels, predictions.Scores, threshold);
        var slices = ModelMetrics.Slices(manifest.Task, predictions, frame, p.Slices, threshold);

        var numbers = new JsonObject();
        foreach (var (name, value) in metrics)
        {
            if (ModelMetrics.Finite(value) is { } finite)
            {
                numbers[name] = finite;
            }
            else
            {
                context.Log.WriteLine($"{name} is undefined on these rows and omitted.");
            }
        }

        await WriteAsync(p.Metrics, numbers, cancellationToken);
        if (p.Predictions is not null)
        {
            await predictions.WriteAsync(p.Predictions.Path, cancellationToken);
        }

        if (p.Report is not null)
        {
            var report = new JsonObject
            {
                ["model"] = manifest.Trainer,
                ["rows"] = predictions.Count,
                ["threshold"] = manifest.Task == LearningTask.Binary ? threshold : null,
                ["metrics"] = ComparisonReport.ToNode(ModelMetrics.Finite(metrics)),
                ["slices"] = ComparisonReport.ToNode(slices),
            };
            await WriteAsync(p.Report, report, cancellationToken);
        }

        context.Log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{manifest.Trainer} on {predictions.Count} rows: {string.Join(", ", metrics.Select(m => $"{m.Key} {m.Value:0.0000}"))}"
            )
        );
        return new ComponentOutputs
        {
            Values = new JsonObject { ["rows"] = predictions.Count, ["metrics"] = numbers.DeepClone() },
        };
    }

    private static Task WriteAsync(OutputPath file, JsonObject json, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(file.Path, json.ToJsonString(ModelJson.Indented) + "\n", cancellationToken);
}
