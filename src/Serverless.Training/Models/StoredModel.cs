using System.Collections.Concurrent;
using Microsoft.ML;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Learning;

namespace Serverless.Training.Models;

/// <summary>
/// A loaded model folder. Returns a score for each raw row: the probability of the positive label, or the predicted number. Thread-safe.
/// </summary>
public sealed class StoredModel : IDisposable
{
    private const int RowsPerPiece = 512;

    private readonly ConcurrentBag<RowScorer> idle = [];
    private readonly ITransformer model;
    private readonly FrameSchema schema;
    private readonly string scoreColumn;

    private StoredModel(ModelManifest manifest, ITransformer model)
    {
        Manifest = manifest;
        this.model = model;
        schema = FrameSchema.Create(manifest.Inputs);
        scoreColumn = manifest.Task == LearningTask.Binary ? "Probability" : "Score";
        idle.Add(new RowScorer(model, schema, scoreColumn));
    }

    public ModelManifest Manifest { get; }

    public static StoredModel Load(string directory)
    {
        var manifestPath = Path.Combine(directory, ModelManifest.FileName);
        if (!File.Exists(manifestPath))
        {
            throw ServerlessException.NotFound(
                $"'{directory}' is not a model folder: it has no file '{ModelManifest.FileName}'.",
                "Give the folder that a train component wrote as `model`."
            );
        }

        var manifest = ModelManifestFile.Read(manifestPath);
        var zip = Path.Combine(directory, ModelManifest.ModelFile);
        try
        {
            using var stream = File.OpenRead(zip);
            return new StoredModel(manifest, new MLContext(0).Model.Load(stream, out _));
        }
        catch (Exception e) when (e is not ServerlessException and not OutOfMemoryException)
        {
            // For a damaged ZIP, ML.NET throws whatever exception its reader runs into.
            throw new ServerlessException(
                ErrorCodes.InvalidParameterValue,
                $"The model '{zip}' cannot be loaded: {e.Message}",
                "Train the model again.",
                inner: e
            );
        }
    }

    /// <summary>Scores each row. A frame that does not match the signature is rejected with all mismatches.</summary>
    public double[] Score(ColumnFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var columns = SignatureCheck.Bind(Manifest.Inputs, frame);
        var scores = new double[frame.RowCount];
        if (scores.Length <= RowsPerPiece)
        {
            Score(columns, 0, scores);
            return scores;
        }

        Parallel.For(
            0,
            (scores.Length + RowsPerPiece - 1) / RowsPerPiece,
            piece =>
            {
                var from = piece * RowsPerPiece;
                Score(columns, from, scores.AsSpan(from, Math.Min(RowsPerPiece, scores.Length - from)));
            }
        );
        return scores;
    }

    /// <summary>The label of a score. Null for a regression, whose score is the prediction.</summary>
    public string? LabelOf(double score) =>
        Manifest.Task == LearningTask.Regression ? null
        : score >= Manifest.Threshold ? Manifest.PositiveLabel
        : Manifest.NegativeLabel;

    public void Dispose()
    {
        while (idle.TryTake(out var scorer))
        {
            scorer.Dispose();
        }

        (model as IDisposable)?.Dispose();
    }

    private void Score(Column?[] columns, int from, Span<double> scores)
    {
        if (!idle.TryTake(out var scorer))
        {
            scorer = new RowScorer(model, schema, scoreColumn);
        }

        scorer.Score(columns, from, from + scores.Length, scores);
        idle.Add(scorer);
    }
}
