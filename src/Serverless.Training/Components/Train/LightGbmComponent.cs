using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using Serverless.Pipelines.Components;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

internal sealed class LightGbmParameters : TrainParameters
{
    [HyperParameters(typeof(LightGbmParameters))]
    [Description("Hyperparameters as one map, for a stage that trains many candidates.")]
    public override IReadOnlyDictionary<string, JsonElement> Parameters { get; set; } = new Dictionary<string, JsonElement>();

    [Range(2, 131_072)]
    [Description("Maximum number of leaves per tree.")]
    public int NumberOfLeaves { get; set; } = 31;

    [Range(1, 100_000)]
    [Description("Number of boosting rounds, which is the number of trees.")]
    public int NumberOfIterations { get; set; } = 100;

    [Range(1, int.MaxValue)]
    [Description("Minimum number of rows per leaf.")]
    public int MinimumExampleCountPerLeaf { get; set; } = 20;

    [Range(1e-6, 1.0)]
    [Description("Learning rate: the weight of each tree.")]
    public double LearningRate { get; set; } = 0.1;

    [Range(2, 65_535)]
    [Description("Maximum number of bins per feature.")]
    public int MaximumBinCountPerFeature { get; set; } = 255;

    [Range(0.0, double.MaxValue)]
    [Description("L1 penalty on leaf values.")]
    public double L1Regularization { get; set; }

    [Range(0.0, double.MaxValue)]
    [Description("L2 penalty on leaf values.")]
    public double L2Regularization { get; set; } = 0.01;

    [Range(0.01, 1.0)]
    [Description("Share of the features available to each tree.")]
    public double FeatureFraction { get; set; } = 1;

    [Range(0.01, 1.0)]
    [Description("Share of the rows that each tree is trained on. Requires subsample_frequency.")]
    public double SubsampleFraction { get; set; } = 1;

    [Range(0, 100_000)]
    [Description("Number of rounds between new row samples. 0 disables sampling.")]
    public int SubsampleFrequency { get; set; }

    [Range(0, 1000)]
    [Description("Maximum depth of a tree. 0 for no limit.")]
    public int MaximumTreeDepth { get; set; }
}

[Component("train/light-gbm", Description = "Gradient-boosted trees (LightGBM), binary or regression.")]
internal sealed class LightGbmComponent : Component<LightGbmParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        LightGbmParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => TrainComponent.RunAsync(parameters, p => new Learner("light-gbm", ml => Create(ml, p)), context, cancellationToken);

    private static IEstimator<ITransformer> Create(MLContext ml, LightGbmParameters p)
    {
        var booster = new GradientBooster.Options
        {
            L1Regularization = p.L1Regularization,
            L2Regularization = p.L2Regularization,
            FeatureFraction = p.FeatureFraction,
            SubsampleFraction = p.SubsampleFraction,
            SubsampleFrequency = p.SubsampleFrequency,
            MaximumTreeDepth = p.MaximumTreeDepth,
        };
        return p.Task == LearningTask.Binary
            ? ml.BinaryClassification.Trainers.LightGbm(
                new LightGbmBinaryTrainer.Options
                {
                    LabelColumnName = FrameSchema.Label,
                    FeatureColumnName = FrameSchema.Features,
                    NumberOfLeaves = p.NumberOfLeaves,
                    NumberOfIterations = p.NumberOfIterations,
                    MinimumExampleCountPerLeaf = p.MinimumExampleCountPerLeaf,
                    LearningRate = p.LearningRate,
                    MaximumBinCountPerFeature = p.MaximumBinCountPerFeature,
                    UseCategoricalSplit = false,
                    Booster = booster,
                    Seed = p.Seed,
                    Deterministic = true,
                    ForceRowWise = true,
                    NumberOfThreads = 1,
                }
            )
            : ml.Regression.Trainers.LightGbm(
                new LightGbmRegressionTrainer.Options
                {
                    LabelColumnName = FrameSchema.Label,
                    FeatureColumnName = FrameSchema.Features,
                    NumberOfLeaves = p.NumberOfLeaves,
                    NumberOfIterations = p.NumberOfIterations,
                    MinimumExampleCountPerLeaf = p.MinimumExampleCountPerLeaf,
                    LearningRate = p.LearningRate,
                    MaximumBinCountPerFeature = p.MaximumBinCountPerFeature,
                    UseCategoricalSplit = false,
                    Booster = booster,
                    Seed = p.Seed,
                    Deterministic = true,
                    ForceRowWise = true,
                    NumberOfThreads = 1,
                }
            );
    }
}
