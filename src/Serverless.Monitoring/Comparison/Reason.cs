using System.Globalization;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Comparison;

/// <summary>Formats the sentences of a verdict.</summary>
internal static class Reason
{
    public static string Undefined(ComparisonRequest request, IEnumerable<MetricComparison> metrics)
    {
        var names = string.Join(", ", metrics.Where(metric => double.IsNaN(metric.Challenger)).Select(metric => metric.Metric));
        return $"The challenger has undefined (NaN) metrics: {names}. {Cause(request)}";
    }

    public static string FloorBroken(MetricComparison metric) =>
        metric.HigherIsBetter
            ? $"{metric.Metric} is {Format(metric.Challenger)}, below its floor of {Format(metric.Floor)}."
            : $"{metric.Metric} is {Format(metric.Challenger)}, above its limit of {Format(metric.Floor)}.";

    public static string FloorHeld(MetricComparison metric) =>
        metric.HigherIsBetter
            ? $"{metric.Metric} is {Format(metric.Challenger)}, at least its floor of {Format(metric.Floor)}."
            : $"{metric.Metric} is {Format(metric.Challenger)}, at most its limit of {Format(metric.Floor)}.";

    public static string Identical(ComparisonRequest request) =>
        $"The challenger's predictions equal the champion's on all {request.Labels.Length.ToString(CultureInfo.InvariantCulture)} "
        + $"rows, so there is no gain.";

    public static string ChampionUndefined(MetricComparison metric) =>
        $"The champion's {metric.Metric} is undefined (NaN), so no comparison is possible. Evaluate without a champion to let "
        + $"the floors decide.";

    public static string NotSignificant(MetricComparison metric, double alpha) =>
        double.IsNaN(metric.PValue!.Value)
            ? $"{Change(metric)}, but {metric.Test} is undefined on these rows: a class has too few rows, or the scores rank them "
                + $"without variance."
        : metric.Effect > 0
            ? $"{Change(metric)}, but this may be chance: p = {FormatP(metric.PValue)} by {metric.Test}, and it must be at most "
                + $"{Format(alpha)}."
        : $"{Change(metric)}: no gain (p = {FormatP(metric.PValue)} by {metric.Test}).";

    public static string TooSmall(MetricComparison metric) =>
        $"{Change(metric)} (p = {FormatP(metric.PValue)} by {metric.Test}), but the gain must be at least {Format(metric.MinimumEffect)}.";

    public static string Worse(MetricComparison metric) =>
        metric.Interval is { } interval
            ? $"{Change(metric)}: significantly worse, the gain is at most {Format(interval.Upper)}."
            : $"{Change(metric)}, and {metric.Test} is undefined on these rows, so it may be worse.";

    public static string Guardrail(GuardrailResult g, double alpha)
    {
        var numbers = string.Create(CultureInfo.InvariantCulture, $"{g.About} ({g.Rows} rows)");
        if (g.Holds is null)
        {
            return $"{numbers} is not judged: {g.Note}.";
        }

        if (double.IsNaN(g.Bound))
        {
            return $"{numbers} goes from {FormatAny(g.Champion)} to {FormatAny(g.Challenger)}, but {g.Note}, so it may be worse.";
        }

        var level = (1 - alpha).ToString("0.####%", CultureInfo.InvariantCulture);
        var change =
            $"{numbers} goes from {Format(g.Champion)} to {Format(g.Challenger)}; with {level} confidence the gain is at least "
            + $"{Format(g.Bound)}";
        return g.Holds == true ? $"{change}, above -{Format(g.Margin)}." : $"{change}, but must be above -{Format(g.Margin)}.";
    }

    public static string Better(MetricComparison metric, ComparisonRequest request) =>
        $"{Change(metric)}: p = {FormatP(metric.PValue)} by {metric.Test}, at most {Format(request.Alpha)}"
        + (metric.MinimumEffect > 0 ? $", and the gain is at least {Format(metric.MinimumEffect)}." : ".");

    public static string NoChampion(bool hasFloors) =>
        hasFloors ? "There is no champion, so the floors decide." : "There is neither a champion nor a floor.";

    private static string Change(MetricComparison metric)
    {
        var sign = metric.Effect > 0 ? "+" : "";
        return $"{metric.Metric} goes from {Format(metric.Champion)} to {Format(metric.Challenger)} (effect {sign}{Format(metric.Effect)})";
    }

    private static string Cause(ComparisonRequest request)
    {
        if (request.Labels.Length == 0)
        {
            return "There are no test rows.";
        }

        if (Array.Exists(request.Challenger, double.IsNaN) || Array.Exists(request.Labels, double.IsNaN))
        {
            return $"{Count(request.Challenger)} predictions and {Count(request.Labels)} labels are missing.";
        }

        if (request.Task == ModelTask.Regression)
        {
            return "All labels are equal, or a prediction is infinite.";
        }

        if (!(request.Labels.Contains(0) && request.Labels.Contains(1)))
        {
            return "The test rows contain only one class.";
        }

        return Array.Exists(request.Challenger, score => score is < 0 or > 1)
            ? "Its scores are not probabilities between 0 and 1."
            : $"It never predicts the positive class at the threshold {Format(request.Threshold)}.";
    }

    private static string Count(double[] values) =>
        $"{values.Count(double.IsNaN).ToString(CultureInfo.InvariantCulture)} of {values.Length.ToString(CultureInfo.InvariantCulture)}";

    private static string FormatAny(double value) => double.IsNaN(value) ? "undefined" : Format(value);

    private static string Format(double? value) => value!.Value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string FormatP(double? value) =>
        value < 0.0001 ? "less than 0.0001" : value!.Value.ToString("0.####", CultureInfo.InvariantCulture);
}
