using Serverless.Monitoring;

namespace Serverless.Training;

/// <summary>A model's scores with the threshold it decides by.</summary>
internal sealed record Scored(double[] Scores, double Threshold);

/// <summary>Whether one model is better than another on the same rows: one-sided p-value, and by how much (positive is better).</summary>
internal sealed record PairTest(string Test, double PValue, double Effect)
{
    private const int Replicates = 2000;

    public static PairTest Of(string metric, double[] labels, Scored champion, Scored challenger, int seed)
    {
        switch (metric)
        {
            case "accuracy":
                var (championOnly, challengerOnly) = (0L, 0L);
                for (var i = 0; i < labels.Length; i++)
                {
                    // Each by its own threshold: that is how each would decide.
                    var championIsRight = champion.Scores[i] >= champion.Threshold == (labels[i] == 1);
                    var challengerIsRight = challenger.Scores[i] >= challenger.Threshold == (labels[i] == 1);
                    championOnly += championIsRight && !challengerIsRight ? 1 : 0;
                    challengerOnly += challengerIsRight && !championIsRight ? 1 : 0;
                }

                return new PairTest("McNemar's exact test", McNemar.Of(championOnly, challengerOnly).OneSidedP, (challengerOnly - championOnly) / (double)labels.Length);

            case "auc":
                var delong = DeLong.Of(labels, champion.Scores, challenger.Scores);
                return new PairTest("DeLong's test", delong.OneSidedP, delong.Difference);

            default:
                var bootstrap = Bootstrap(metric, labels, champion, challenger, seed);
                return new PairTest("paired bootstrap", bootstrap.OneSidedP, bootstrap.Difference);
        }
    }

    private static PairedBootstrap Bootstrap(string metric, double[] labels, Scored champion, Scored challenger, int seed)
    {
        // Scores relative to their own threshold decide alike at one common threshold, where only decisions count.
        var decides = metric is "f1" or "precision" or "recall";
        return PairedBootstrap.Of(
            labels,
            decides ? Decisions(champion) : champion.Scores,
            decides ? Decisions(challenger) : challenger.Scores,
            (drawn, scores) => ModelMetrics.Of(metric, drawn, scores, 0.5),
            ModelMetrics.HigherIsBetter(metric),
            Replicates,
            seed);
    }

    private static double[] Decisions(Scored model) => Array.ConvertAll(model.Scores, s => s >= model.Threshold ? 1.0 : 0.0);
}
