using System.Text.Json.Nodes;

namespace Serverless.Training.Models;

/// <summary>What a model predicts: one of two classes, or a number.</summary>
public enum LearningTask
{
    Binary,
    Regression,
}

/// <summary>The data a model was trained on.</summary>
public sealed record TrainingData(string Name, string Digest, int Rows);

/// <summary>
/// The content of the file `MLmodel` in a model folder. It contains no time or ID, so that the same model has the same digest.
/// </summary>
public sealed record ModelManifest
{
    public const string FileName = "MLmodel";
    public const string Flavor = "mlnet";
    public const string ModelFile = "model.zip";
    public const string InputExampleFile = "input_example.json";
    public const string ServingExampleFile = "serving_input_example.json";
    public const string CardFile = "README.md";

    public required LearningTask Task { get; init; }

    /// <summary>The trainer's name, as in `train/fast-tree`.</summary>
    public required string Trainer { get; init; }

    public required string MlnetVersion { get; init; }

    public required string Label { get; init; }

    /// <summary>The label value of a score of 1. Null for a regression.</summary>
    public string? PositiveLabel { get; init; }

    public string? NegativeLabel { get; init; }

    /// <summary>The score from which a row counts as positive.</summary>
    public double Threshold { get; init; } = 0.5;

    public required IReadOnlyList<SignatureColumn> Inputs { get; init; }

    public required IReadOnlyList<SignatureColumn> Outputs { get; init; }

    /// <summary>Hyperparameters, by name.</summary>
    public JsonObject Parameters { get; init; } = [];

    public TrainingData? TrainingData { get; init; }
}
