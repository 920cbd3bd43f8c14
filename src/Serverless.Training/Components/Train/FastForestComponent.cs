using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Pipelines.Components;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

internal sealed class FastForestParameters : TrainParameters
{
    [HyperParameters(typeof(FastForestParameters))]
    [Description("Hyperparameters as one map, for a stage that trains many candidates.")]
    public override IReadOnlyDictionary<string, JsonElement> Parameters { get; set; } = new Dictionary<string, JsonElement>();

    [Range(2, 4096)]
    [Description("Maximum number of leaves per tree.")]
    public int NumberOfLeaves { get; set; } = 20;

    [Range(1, 100_000)]
    [Description("Number of trees.")]
    public int NumberOfTrees { get; set; } = 100;

    [Range(1, int.MaxValue)]
    [Description("Minimum number of rows per leaf.")]
    public int MinimumExampleCountPerLeaf { get; set; } = 10;

    [Range(0.01, 1.0)]
    [Description("Share of the features available to each tree.")]
    public double FeatureFraction { get; set; } = 1;

    [Range(0.01, 1.0)]
    [Description("Share of the features available to each split.")]
    public double FeatureFractionPerSplit { get; set; } = 0.7;

    [Range(0.01, 1.0)]
    [Description("Share of the rows that each tree is trained on.")]
    public double BaggingExampleFraction { get; set; } = 0.7;
}

[Component("train/fast-forest", Description = "A random forest (ML.NET FastForest), binary with calibrated probabilities, or regression.")]
internal sealed class FastForestComponent : Component<FastForestParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        FastForestParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) =>
        TrainComponent.RunAsync(
            parameters,
            p => new Learner("fast-forest", ml => Create(ml, p), Calibrate: p.Task == LearningTask.Binary),
            context,
            cancellationToken
        );

    private static IEstimator<ITransformer> Create(MLContext ml, FastForestParameters p) =>
        p.Task == LearningTask.Binary
            ? ml.BinaryClassification.Trainers.FastForest(Options<FastForestBinaryTrainer.Options>(p))
            : ml.Regression.Trainers.FastForest(Options<FastForestRegressionTrainer.Options>(p));

    private static T Options<T>(FastForestParameters p)
        where T : FastForestOptionsBase, new() =>
        new()
        {
            LabelColumnName = FrameSchema.Label,
            FeatureColumnName = FrameSchema.Features,
            NumberOfLeaves = p.NumberOfLeaves,
            NumberOfTrees = p.NumberOfTrees,
            MinimumExampleCountPerLeaf = p.MinimumExampleCountPerLeaf,
            FeatureFraction = p.FeatureFraction,
            FeatureFractionPerSplit = p.FeatureFractionPerSplit,
            BaggingExampleFraction = p.BaggingExampleFraction,
            Seed = p.Seed,
            FeatureSelectionSeed = p.Seed,
            NumberOfThreads = 1,
        };
}
