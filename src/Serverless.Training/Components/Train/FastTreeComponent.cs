using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Pipelines.Components;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

internal sealed class FastTreeParameters : TrainParameters
{
    [HyperParameters(typeof(FastTreeParameters))]
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

    [Range(1e-6, 10.0)]
    [Description("Learning rate: the weight of each tree.")]
    public double LearningRate { get; set; } = 0.2;

    [Range(0.01, 1.0)]
    [Description("Share of the features available to each tree.")]
    public double FeatureFraction { get; set; } = 1;

    [Range(2, 65_535)]
    [Description("Maximum number of bins per feature.")]
    public int MaximumBinCountPerFeature { get; set; } = 255;
}

[Component(
    "train/fast-tree",
    Description = "Gradient-boosted trees (ML.NET FastTree), binary with calibrated probabilities, or regression."
)]
internal sealed class FastTreeComponent : Component<FastTreeParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        FastTreeParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) =>
        // The trainer's own sigmoid supposes that boosting has converged and that both classes are as frequent: its scores are calibrated.
        TrainComponent.RunAsync(
            parameters,
            p => new Learner("fast-tree", ml => Create(ml, p), Calibrate: p.Task == LearningTask.Binary),
            context,
            cancellationToken
        );

    private static IEstimator<ITransformer> Create(MLContext ml, FastTreeParameters p) =>
        p.Task == LearningTask.Binary
            ? ml.BinaryClassification.Trainers.FastTree(Options<FastTreeBinaryTrainer.Options>(p))
            : ml.Regression.Trainers.FastTree(Options<FastTreeRegressionTrainer.Options>(p));

    private static T Options<T>(FastTreeParameters p)
        where T : BoostedTreeOptions, new() =>
        new()
        {
            LabelColumnName = FrameSchema.Label,
            FeatureColumnName = FrameSchema.Features,
            NumberOfLeaves = p.NumberOfLeaves,
            NumberOfTrees = p.NumberOfTrees,
            MinimumExampleCountPerLeaf = p.MinimumExampleCountPerLeaf,
            LearningRate = p.LearningRate,
            FeatureFraction = p.FeatureFraction,
            MaximumBinCountPerFeature = p.MaximumBinCountPerFeature,
            Seed = p.Seed,
            FeatureSelectionSeed = p.Seed,
            NumberOfThreads = 1,
        };
}
