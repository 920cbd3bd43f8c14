namespace Serverless.Monitoring.Performance;

/// <summary>The kind of prediction of a model.</summary>
public enum ModelTask
{
    /// <summary>One of two classes: labels are 0 or 1, scores are probabilities of 1.</summary>
    BinaryClassification,

    /// <summary>A number.</summary>
    Regression,
}
