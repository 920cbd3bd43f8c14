using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>A loaded model. Thread-safe.</summary>
public interface IServedModel : IDisposable
{
    /// <summary>The MLflow flavor that loaded it.</summary>
    string Flavor { get; }

    /// <summary>Its input columns. Empty if the model does not declare them.</summary>
    IReadOnlyList<SignatureColumn> Inputs { get; }

    /// <summary>The classes of its scores. Null if the scores are not class probabilities.</summary>
    BinaryClasses? Classes { get; }

    /// <summary>
    /// Predicts. Input that does not match the signature is rejected with status 400. Any other exception is a failure of the model.
    /// </summary>
    ModelOutput Predict(ServingInput input);
}

/// <summary>The two classes of a binary model. A score of at least the threshold means Positive.</summary>
public sealed record BinaryClasses(string Positive, string Negative, double Threshold);

/// <summary>The predictions of a model.</summary>
/// <param name="Columns">One column per output, with one row per input row.</param>
/// <param name="Scores">One score per row: the probability of the positive class, or the predicted number. Empty if there is none.</param>
public sealed record ModelOutput(IReadOnlyList<ServingColumn> Columns, double[] Scores)
{
    public static ModelOutput Of(double[] scores, params IReadOnlyList<Column> columns) =>
        new([.. columns.Select(c => new ServingColumn(c, []))], scores);
}
