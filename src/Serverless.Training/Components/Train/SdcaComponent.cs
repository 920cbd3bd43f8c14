using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Pipelines.Components;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

internal sealed class SdcaParameters : TrainParameters
{
    [HyperParameters(typeof(SdcaParameters))]
    [Description("Hyperparameters as one map, for a stage that trains many candidates.")]
    public override IReadOnlyDictionary<string, JsonElement> Parameters { get; set; } = new Dictionary<string, JsonElement>();

    [Range(0.0, double.MaxValue)]
    [Description("L2 penalty on the weights. Default: derived from the data.")]
    public double? L2Regularization { get; set; }

    [Range(0.0, double.MaxValue)]
    [Description("L1 penalty on the weights. Default: derived from the data.")]
    public double? L1Regularization { get; set; }

    [Range(1, int.MaxValue)]
    [Description("Maximum number of passes over the data. Default: derived from the data.")]
    public int? MaximumNumberOfIterations { get; set; }

    [Range(1e-12, 1.0)]
    [Description("Relative duality gap at which the optimizer stops.")]
    public double ConvergenceTolerance { get; set; } = 0.1;

    [Range(0.0, double.MaxValue)]
    [Description("Learning rate of the bias. Default: 0 for binary, 1 for regression.")]
    public double? BiasLearningRate { get; set; }

    [Description("Shuffle the rows before each pass.")]
    public bool Shuffle { get; set; } = true;
}

[Component(
    "train/sdca",
    Description = "A linear model by stochastic dual coordinate ascent: logistic regression, or least squares for regression."
)]
internal sealed class SdcaComponent : Component<SdcaParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        SdcaParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => TrainComponent.RunAsync(parameters, p => new Learner("sdca", ml => Create(ml, p), Normalize: true), context, cancellationToken);

    private static IEstimator<ITransformer> Create(MLContext ml, SdcaParameters p) =>
        p.Task == LearningTask.Binary
            ? ml.BinaryClassification.Trainers.SdcaLogisticRegression(Fill(new SdcaLogisticRegressionBinaryTrainer.Options(), p))
            : ml.Regression.Trainers.Sdca(Fill(new SdcaRegressionTrainer.Options(), p));

    private static SdcaLogisticRegressionBinaryTrainer.Options Fill(SdcaLogisticRegressionBinaryTrainer.Options o, SdcaParameters p)
    {
        o.LabelColumnName = FrameSchema.Label;
        o.FeatureColumnName = FrameSchema.Features;
        o.L2Regularization = (float?)p.L2Regularization;
        o.L1Regularization = (float?)p.L1Regularization;
        o.MaximumNumberOfIterations = p.MaximumNumberOfIterations;
        o.ConvergenceTolerance = (float)p.ConvergenceTolerance;
        o.BiasLearningRate = (float?)p.BiasLearningRate ?? o.BiasLearningRate;
        o.Shuffle = p.Shuffle;
        o.NumberOfThreads = 1;
        return o;
    }

    private static SdcaRegressionTrainer.Options Fill(SdcaRegressionTrainer.Options o, SdcaParameters p)
    {
        o.LabelColumnName = FrameSchema.Label;
        o.FeatureColumnName = FrameSchema.Features;
        o.L2Regularization = (float?)p.L2Regularization;
        o.L1Regularization = (float?)p.L1Regularization;
        o.MaximumNumberOfIterations = p.MaximumNumberOfIterations;
        o.ConvergenceTolerance = (float)p.ConvergenceTolerance;
        o.BiasLearningRate = (float?)p.BiasLearningRate ?? o.BiasLearningRate;
        o.Shuffle = p.Shuffle;
        o.NumberOfThreads = 1;
        return o;
    }
}
