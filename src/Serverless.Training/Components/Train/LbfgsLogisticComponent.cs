using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

internal sealed class LbfgsLogisticParameters : TrainParameters
{
    [HyperParameters(typeof(LbfgsLogisticParameters))]
    [Description("Hyperparameters as one map, for a stage that trains many candidates.")]
    public override IReadOnlyDictionary<string, JsonElement> Parameters { get; set; } = new Dictionary<string, JsonElement>();

    [Range(0.0, double.MaxValue)]
    [Description("L1 penalty on the weights. Higher values set more weights to zero.")]
    public double L1Regularization { get; set; } = 1;

    [Range(0.0, double.MaxValue)]
    [Description("L2 penalty on the weights. Higher values shrink the weights.")]
    public double L2Regularization { get; set; } = 1;

    [Range(1e-12, 1.0)]
    [Description("Improvement below which the optimizer stops.")]
    public double OptimizationTolerance { get; set; } = 1e-7;

    [Range(1, 10_000)]
    [Description("Number of past steps that the optimizer stores.")]
    public int HistorySize { get; set; } = 20;

    [Range(1, int.MaxValue)]
    [Description("Maximum number of optimizer steps.")]
    public int MaximumNumberOfIterations { get; set; } = int.MaxValue;

    [Description("Require weights of zero or above.")]
    public bool EnforceNonNegativity { get; set; }
}

[Component(
    "train/lbfgs-logistic",
    Description = "Logistic regression by L-BFGS. With `task: regression`, Poisson regression for counts and amounts, with "
        + "labels of 0 and above."
)]
internal sealed class LbfgsLogisticComponent : Component<LbfgsLogisticParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        LbfgsLogisticParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) =>
        TrainComponent.RunAsync(
            parameters,
            p => new Learner(
                p.Task == LearningTask.Binary ? "lbfgs-logistic" : "lbfgs-poisson",
                ml => Create(ml, p),
                Normalize: true,
                CheckLabel: p.Task == LearningTask.Regression ? NotNegative : null
            ),
            context,
            cancellationToken
        );

    private static IEstimator<ITransformer> Create(MLContext ml, LbfgsLogisticParameters p) =>
        p.Task == LearningTask.Binary
            ? ml.BinaryClassification.Trainers.LbfgsLogisticRegression(
                new LbfgsLogisticRegressionBinaryTrainer.Options
                {
                    LabelColumnName = FrameSchema.Label,
                    FeatureColumnName = FrameSchema.Features,
                    L1Regularization = (float)p.L1Regularization,
                    L2Regularization = (float)p.L2Regularization,
                    OptimizationTolerance = (float)p.OptimizationTolerance,
                    HistorySize = p.HistorySize,
                    MaximumNumberOfIterations = p.MaximumNumberOfIterations,
                    EnforceNonNegativity = p.EnforceNonNegativity,
                    NumberOfThreads = 1,
                }
            )
            : ml.Regression.Trainers.LbfgsPoissonRegression(
                new LbfgsPoissonRegressionTrainer.Options
                {
                    LabelColumnName = FrameSchema.Label,
                    FeatureColumnName = FrameSchema.Features,
                    L1Regularization = (float)p.L1Regularization,
                    L2Regularization = (float)p.L2Regularization,
                    OptimizationTolerance = (float)p.OptimizationTolerance,
                    HistorySize = p.HistorySize,
                    MaximumNumberOfIterations = p.MaximumNumberOfIterations,
                    EnforceNonNegativity = p.EnforceNonNegativity,
                    NumberOfThreads = 1,
                }
            );

    private static void NotNegative(double[] labels)
    {
        var negative = Array.FindIndex(labels, l => l < 0);
        if (negative >= 0)
        {
            throw ServerlessException.Invalid(
                $"Poisson regression needs labels of 0 and above, but row {negative} has "
                    + $"{labels[negative].ToString(System.Globalization.CultureInfo.InvariantCulture)}.",
                "Use train/sdca, train/fast-tree, train/fast-forest or train/light-gbm for a label that can be negative."
            );
        }
    }
}
