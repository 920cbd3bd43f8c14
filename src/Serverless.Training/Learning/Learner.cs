using Microsoft.ML;

namespace Serverless.Training.Learning;

/// <summary>A trainer of ML.NET, set up.</summary>
/// <param name="Name">As the model's record calls it.</param>
/// <param name="Estimator">The trainer, from features and label to a score.</param>
/// <param name="Normalize">It compares the features' sizes, so they are brought to one scale.</param>
/// <param name="Calibrate">Its scores are no probabilities; they are mapped onto some.</param>
/// <param name="CheckLabel">Refuses labels that it cannot learn.</param>
internal sealed record Learner(
    string Name,
    Func<MLContext, IEstimator<ITransformer>> Estimator,
    bool Normalize = false,
    bool Calibrate = false,
    Action<double[]>? CheckLabel = null
);
