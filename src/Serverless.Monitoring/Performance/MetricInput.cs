using System.Globalization;
using Serverless.Core;

namespace Serverless.Monitoring.Performance;

/// <summary>Checks the input of metrics.</summary>
internal static class MetricInput
{
    public static void CheckBinary(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, string name)
    {
        CheckLengths(labels, scores, name);
        CheckLabels(labels);
    }

    public static void CheckLengths(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, string name)
    {
        if (labels.Length != scores.Length)
        {
            throw ServerlessException.Invalid(
                $"There are {labels.Length} labels but {scores.Length} {name}.",
                "Provide one for each row, in the same order."
            );
        }
    }

    public static void CheckLabels(ReadOnlySpan<double> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] is not (0 or 1 or double.NaN))
            {
                throw ServerlessException.Invalid(
                    $"The label of row {i + 1} is {labels[i].ToString("R", CultureInfo.InvariantCulture)}; labels of two classes must be 0 "
                        + $"or 1.",
                    "Map the positive class to 1 and the other to 0, or evaluate as regression."
                );
            }
        }
    }

    public static bool HasNaN(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }
}
