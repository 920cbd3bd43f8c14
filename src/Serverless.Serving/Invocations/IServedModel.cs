using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>A model that is loaded and answers. Any number of threads may ask at a time.</summary>
public interface IServedModel : IDisposable
{
    /// <summary>The flavor of MLflow that it was loaded by.</summary>
    string Flavor { get; }

    /// <summary>The columns it takes; empty if it does not say.</summary>
    IReadOnlyList<SignatureColumn> Inputs { get; }

    /// <summary>How its scores read; null if they are no probabilities of a class.</summary>
    BinaryClasses? Classes { get; }

    /// <summary>Refuses what does not fit its signature with a status of 400; anything else it throws is the model's own failure.</summary>
    ModelOutput Predict(ServingInput input);
}

/// <summary>The two classes of a binary model: a score of at least the threshold says Positive.</summary>
public sealed record BinaryClasses(string Positive, string Negative, double Threshold);

/// <summary>What a model answered.</summary>
/// <param name="Columns">One column an output, a row for each row that was asked.</param>
/// <param name="Scores">The number a row that stands for the answer: the probability of the positive class, or the predicted number; empty
/// if there is none.</param>
public sealed record ModelOutput(IReadOnlyList<ServingColumn> Columns, double[] Scores)
{
    public static ModelOutput Of(double[] scores, params IReadOnlyList<Column> columns) =>
        new([.. columns.Select(c => new ServingColumn(c, []))], scores);
}
