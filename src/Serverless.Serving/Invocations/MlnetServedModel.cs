using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>A model of this platform's own trainers.</summary>
internal sealed class MlnetServedModel(StoredModel model) : IServedModel
{
    public string Flavor => ModelManifest.Flavor;

    public IReadOnlyList<SignatureColumn> Inputs => model.Manifest.Inputs;

    public BinaryClasses? Classes { get; } =
        model.Manifest is { Task: LearningTask.Binary, PositiveLabel: { } positive, NegativeLabel: { } negative }
            ? new BinaryClasses(positive, negative, model.Manifest.Threshold)
            : null;

    public ModelOutput Predict(ServingInput input)
    {
        var scores = model.Score(input.ToFrame());
        if (Classes is null)
        {
            return ModelOutput.Of(scores, Column.FromNumbers("prediction", scores));
        }

        var labels = new string?[scores.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            labels[row] = model.LabelOf(scores[row]);
        }

        return ModelOutput.Of(scores, Column.FromTexts("label", labels), Column.FromNumbers("score", scores));
    }

    public void Dispose() => model.Dispose();
}
