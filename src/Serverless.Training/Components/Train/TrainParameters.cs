using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Serverless.Pipelines.Components;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

/// <summary>The parameters of every trainer. Hyperparameters are the properties that a derived class declares.</summary>
internal abstract class TrainParameters
{
    [Description("Training data: a CSV or Parquet file.")]
    public required InputPath Data { get; set; }

    [Description("Model folder to write, in MLflow's layout.")]
    public required OutputPath Model { get; set; }

    [Description("Column to predict.")]
    public required string Label { get; set; }

    [Description("Learning task. binary: the label has two values, and the score is a probability. regression: the label is a number.")]
    public LearningTask Task { get; set; } = LearningTask.Binary;

    [Description("Label value that counts as positive. Required unless the values are 0/1, no/yes or false/true.")]
    public string? PositiveLabel { get; set; }

    [Description("Columns that are not features: identifiers, dates, values known only afterwards.")]
    public IReadOnlyList<string> Exclude { get; set; } = [];

    [Description("Text columns to take as categories although their values look like numbers or dates. Others that do are refused.")]
    public IReadOnlyList<string> Categories { get; set; } = [];

    [Range(0, int.MaxValue)]
    [Description("Random seed. The same data, parameters and seed give the same model, byte for byte.")]
    public int Seed { get; set; }

    [Range(0.0, 1.0)]
    [Description("For binary: score from which a row counts as positive. Stored with the model.")]
    public double Threshold { get; set; } = 0.5;

    [Description(
        "Scale numeric features to mean 0 and standard deviation 1. Default: only for linear trainers, because trees do not need it."
    )]
    public bool? Normalize { get; set; }

    public abstract IReadOnlyDictionary<string, JsonElement> Parameters { get; set; }

    [Range(1, 1_000_000)]
    [Description("Maximum number of distinct values in a text column. A column with more is rejected as an identifier.")]
    public int MaximumCategoryCount { get; set; } = 1000;
}
