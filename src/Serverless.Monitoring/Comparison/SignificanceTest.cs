namespace Serverless.Monitoring;

/// <summary>Applies the test that fits a metric: McNemar's for accuracy, DeLong's for the AUC, and the paired bootstrap for all others.</summary>
internal static class SignificanceTest
{
    public static MetricComparison Apply(ComparisonRequest request, MetricDefinition metric, MetricComparison comparison)
    {
        var (labels, champion, challenger) = (request.Labels, request.Champion!, request.Challenger);
        var level = 1 - request.Alpha;
        var isUndefined = double.IsNaN(comparison.Effect!.Value);
        switch (metric.Name)
        {
            case "accuracy":
                var mcNemar = McNemar.Of(labels, champion, challenger, request.Threshold);
                return Fill("McNemar's exact test", mcNemar.OneSidedP, mcNemar.DifferenceInterval(labels.Length, level));
            case "auc":
                var deLong = DeLong.Of(labels, champion, challenger);
                return Fill("DeLong's test", deLong.OneSidedP, deLong.DifferenceInterval(level));
            case var _ when isUndefined:
                return Fill("paired bootstrap", double.NaN, null);
            default:
                var bootstrap = PairedBootstrap.Of(
                    labels,
                    champion,
                    challenger,
                    metric.Function(request.Threshold),
                    metric.HigherIsBetter,
                    request.BootstrapReplicates,
                    request.Seed,
                    level);
                return Fill("paired bootstrap", bootstrap.OneSidedP, bootstrap.Interval);
        }

        MetricComparison Fill(string test, double pValue, ConfidenceInterval? interval) => comparison with
        {
            Test = test,
            PValue = isUndefined ? double.NaN : Math.Min(1, pValue * request.Candidates),
            Interval = isUndefined ? null : interval,
        };
    }
}
