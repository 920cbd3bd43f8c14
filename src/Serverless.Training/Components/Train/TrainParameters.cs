using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Serverless.Pipelines.Components;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

/// <summary>What every trainer takes. Hyper-parameters are the properties that a derived class declares.</summary>
internal abstract class TrainParameters
{
    [Description("Training data: a CSV or Parquet file.")]
    public required InputPath Data { get; set; }

    [Description("The model folder to write, in MLflow's layout.")]
    public required OutputPath Model { get; set; }

    [Description("The column to predict.")]
    public required string Label { get; set; }

    [Description("binary: the label has two values, the score is a probability. regression: the label is a number.")]
    public LearningTask Task { get; set; } = LearningTask.Binary;

    [Description("The label value that counts as positive. Needed unless the values are 0/1, no/yes or false/true.")]
    public string? PositiveLabel { get; set; }

    [Description("Columns that are no features: identifiers, dates, what is known only afterwards.")]
    public IReadOnlyList<string> Exclude { get; set; } = [];

    [Description("Text columns to take as categories although their values look like numbers or dates. Others that do are refused.")]
    public IReadOnlyList<string> Categories { get; set; } = [];

    [Range(0, int.MaxValue)]
    [Description("The same data, parameters and seed give the same model, byte for byte.")]
    public int Seed { get; set; }

    [Range(0.0, 1.0)]
    [Description("binary: from this score on a row counts as positive. It is stored with the model.")]
    public double Threshold { get; set; } = 0.5;

    [Description("Bring numeric features to mean 0 and deviation 1. Default: only for linear trainers, trees do not care.")]
    public bool? Normalize { get; set; }

    public abstract IReadOnlyDictionary<string, JsonElement> Parameters { get; set; }

    [Range(1, 1_000_000)]
    [Description("A text column with more different values than this is refused as an identifier.")]
    public int MaximumCategoryCount { get; set; } = 1000;
}
