using Microsoft.ML;

namespace Serverless.Training.Learning;

/// <summary>A configured ML.NET trainer.</summary>
/// <param name="Name">The name in the model's record.</param>
/// <param name="Estimator">The trainer, from features and label to a score.</param>
/// <param name="Normalize">Whether features must be scaled because the trainer depends on their magnitude.</param>
/// <param name="Calibrate">Whether scores must be calibrated to probabilities.</param>
/// <param name="CheckLabel">Rejects labels that it cannot be trained on.</param>
internal sealed record Learner(
    string Name,
    Func<MLContext, IEstimator<ITransformer>> Estimator,
    bool Normalize = false,
    bool Calibrate = false,
    Action<double[]>? CheckLabel = null
);
