using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Serverless.Pipelines.Components;

namespace Serverless.Dvc.Tests.Reading;

public enum Trainer
{
    FastTree,
    LightGbm,
}

public sealed class TrainParameters
{
    public required InputPath Data { get; init; }

    public InputPaths? More { get; init; }

    public required OutputPath Model { get; init; }

    [MetricsFile]
    public OutputPath? Scores { get; init; }

    [Range(1, 1000)]
    [Description("how many trees")]
    public int Trees { get; init; } = 100;

    public double LearningRate { get; init; } = 0.1;

    public Trainer Kind { get; init; }

    public string[]? Columns { get; init; }

    public Dictionary<string, double>? Weights { get; init; }
}

[Component("train/fast-tree", Description = "For tests of reading: it never runs.")]
public sealed class TrainComponent : Component<TrainParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        TrainParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => Task.FromResult(ComponentOutputs.None);
}
