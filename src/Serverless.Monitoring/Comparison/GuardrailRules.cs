using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Comparison;

/// <summary>Evaluates what must not be worse, on all rows and on slices.</summary>
internal static class GuardrailRules
{
    /// <summary>The minimum number of rows of a class. With fewer, bounds of rates are meaningless.</summary>
    private const int FewestOfClass = 10;

    public static IReadOnlyList<GuardrailResult> Judge(ComparisonRequest request, string firstMetric)
    {
        var results = new List<GuardrailResult>();
        foreach (var guardrail in request.Guardrails)
        {
            results.Add(Judge(request, MetricDefinition.Get(guardrail.Metric, request.Task), guardrail.Margin, null, null, null));
        }

        if (request.Slices is not { } slices)
        {
            return results;
        }

        var metric = MetricDefinition.Get(slices.Metric ?? firstMetric, request.Task);
        foreach (var column in slices.Columns)
        {
            foreach (var (value, rows) in SliceMetrics.Cut(column, request.Labels.Length))
            {
                var why = Unjudged(request, rows, slices.MinimumRows);
                results.Add(
                    why is null
                        ? Judge(request, metric, slices.Margin, column.Name, value, rows)
                        : new GuardrailResult
                        {
                            Metric = metric.Name,
                            Column = column.Name,
                            Value = value,
                            Rows = rows.Length,
                            Margin = slices.Margin,
                            Note = why,
                        }
                );
            }
        }

        return results;
    }

    private static GuardrailResult Judge(
        ComparisonRequest request,
        MetricDefinition metric,
        double margin,
        string? column,
        string? value,
        int[]? rows
    )
    {
        // The lower end of a two-sided interval at 1 - 2 alpha is the one-sided bound at 1 - alpha.
        var test = PairedTest.Of(request, metric, rows, 1 - (2 * request.Alpha / request.Candidates));
        var result = new GuardrailResult
        {
            Metric = metric.Name,
            Column = column,
            Value = value,
            Rows = rows?.Length ?? request.Labels.Length,
            Champion = test.Champion,
            Challenger = test.Challenger,
            Effect = test.Effect,
            Bound = test.Interval?.Lower ?? double.NaN,
            Margin = margin,
        };

        // The tolerance is for decimals, as for the minimum effect; a bound that is NaN never holds.
        return result with
        {
            Holds = result.Bound >= -margin - 1e-12,
            Note = double.IsNaN(result.Bound) ? $"{test.Name} is undefined on these rows" : null,
        };
    }

    private static string? Unjudged(ComparisonRequest request, int[] rows, int minimum)
    {
        if (rows.Length < minimum)
        {
            return $"fewer than {minimum} rows";
        }

        if (request.Task != ModelTask.BinaryClassification)
        {
            return null;
        }

        var positives = rows.Count(r => request.Labels[r] == 1);
        return Math.Min(positives, rows.Length - positives) < FewestOfClass ? $"fewer than {FewestOfClass} rows of a class" : null;
    }
}
