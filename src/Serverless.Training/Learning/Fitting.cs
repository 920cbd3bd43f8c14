using Microsoft.ML;
using Microsoft.ML.Data;
using Serverless.Core;

namespace Serverless.Training.Learning;

/// <summary>Fits features, trainer and calibration into one transformer.</summary>
internal static class Fitting
{
    private const int CalibrationFolds = 3;

    public static ITransformer Fit(
        MLContext ml,
        TrainingSet data,
        Learner learner,
        int maximumCategoryCount,
        CancellationToken cancellationToken
    )
    {
        var features = FeaturePipeline.Create(ml, data.Inputs, learner.Normalize, maximumCategoryCount).Fit(data.View());
        cancellationToken.ThrowIfCancellationRequested();
        var trainer = learner.Estimator(ml).Fit(Features(ml, features, data.View()));
        cancellationToken.ThrowIfCancellationRequested();
        return learner.Calibrate
            ? new TransformerChain<ITransformer>(features, trainer, Calibrate(ml, data, features, learner, cancellationToken))
            : new TransformerChain<ITransformer>(features, trainer);
    }

    /// <summary>
    /// Platt's sigmoid, fitted to scores of rows that the scoring model had not seen: on its own training rows an ensemble of trees is
    /// far too sure of itself.
    /// </summary>
    private static ITransformer Calibrate(
        MLContext ml,
        TrainingSet data,
        ITransformer features,
        Learner learner,
        CancellationToken cancellationToken
    )
    {
        var labels = data.Labels.Values;
        var scored = new List<ScoredRow>(labels.Length);
        var folds = Folds(labels);
        for (var fold = 0; fold < CalibrationFolds; fold++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var inside = Rows(folds, f => f != fold);
            var outside = Rows(folds, f => f == fold);
            if (outside.Length == 0 || inside.Select(r => labels[r]).Distinct().Count() < 2)
            {
                continue;
            }

            var model = learner.Estimator(ml).Fit(Features(ml, features, data.View(inside)));
            var scores = model.Transform(features.Transform(data.View(outside))).GetColumn<float>("Score");
            scored.AddRange(outside.Zip(scores, (row, score) => new ScoredRow { Label = labels[row] != 0, Score = score }));
        }

        return scored.Select(s => s.Label).Distinct().Count() < 2
            ? throw ServerlessException.Invalid(
                $"{labels.Length} rows are too few to calibrate the scores of '{learner.Name}': each class needs at least "
                    + $"{CalibrationFolds}.",
                "Give more rows, or use train/light-gbm."
            )
            : ml
                .BinaryClassification.Calibrators.Platt(nameof(ScoredRow.Label), nameof(ScoredRow.Score))
                .Fit(ml.Data.LoadFromEnumerable(scored));
    }

    /// <summary>The trainers walk over the data many times; computing the features once is what a cache is for.</summary>
    private static IDataView Features(MLContext ml, ITransformer features, IDataView rows) =>
        ml.Data.Cache(features.Transform(rows), FrameSchema.Features, FrameSchema.Label);

    /// <summary>Deals the rows of each class out in turn, so that every fold has its share of both.</summary>
    private static int[] Folds(double[] labels)
    {
        var next = new int[2];
        return Array.ConvertAll(labels, label => next[label != 0 ? 1 : 0]++ % CalibrationFolds);
    }

    private static int[] Rows(int[] folds, Func<int, bool> wanted) => [.. Enumerable.Range(0, folds.Length).Where(r => wanted(folds[r]))];

    private sealed class ScoredRow
    {
        public bool Label { get; set; }

        public float Score { get; set; }
    }
}
