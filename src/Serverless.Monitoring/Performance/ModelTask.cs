namespace Serverless.Monitoring.Performance;

/// <summary>What a model predicts.</summary>
public enum ModelTask
{
    /// <summary>One of two classes: labels are 0 or 1, scores are probabilities of 1.</summary>
    BinaryClassification,

    /// <summary>A number.</summary>
    Regression,
}
