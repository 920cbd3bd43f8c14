using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Statistics;
using Serverless.Monitoring.Validation;

namespace Serverless.Monitoring.Checks;

/// <summary>Options of a leakage check between a training part and a test part.</summary>
public sealed record LeakageOptions
{
    /// <summary>Gets the column that the model predicts.</summary>
    public required string Label { get; init; }

    /// <summary>Gets the column that identifies the subject of a row. No value may occur in both parts.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the time column. Training must end before the test begins.</summary>
    public string? Time { get; init; }

    /// <summary>
    /// Gets the AUC (or the explained share of a numeric label's variance) from which a single column that predicts the label counts as a
    /// leak. Default: 0.98.
    /// </summary>
    public double MostSinglePower { get; init; } = 0.98;

    /// <summary>Gets the columns that are allowed to predict the label.</summary>
    public IReadOnlyCollection<string> Allow { get; init; } = [];
}

/// <summary>
/// Detects signs that test rows cannot judge a model fairly: shared rows, shared ids, time travel, and columns that give the label away.
/// </summary>
public static class LeakageCheck
{
    // Duplicates within the training rows show how often two honest rows are equal; only the excess is a leak.
    private const double Alpha = 0.01;
    private const double LeastExcess = 0.01;

    public static CheckReport Run(ColumnFrame train, ColumnFrame test, LeakageOptions options)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        if (train.RowCount == 0 || test.RowCount == 0)
        {
            throw ServerlessException.Invalid(
                "One of the two parts has no rows.",
                "Provide a training part and a test part, both with rows."
            );
        }

        // Wrong names are reported before any check runs.
        string[] named =
        [
            options.Label,
            .. options.Id is null ? [] : new[] { options.Id },
            .. options.Time is null ? [] : new[] { options.Time },
        ];
        foreach (var name in named)
        {
            _ = train[name];
            _ = test[name];
        }

        var checks = new List<Check> { Rows(train, test, options) };
        if (options.Id is { } id)
        {
            checks.Add(Ids(train, test, id));
        }

        if (options.Time is { } time)
        {
            checks.Add(TimeOrder.Check(train[time], test[time]));
        }

        checks.AddRange(SinglePower.Check(train, test, options));
        return new CheckReport("leakage", checks);
    }

    private static Check Rows(ColumnFrame train, ColumnFrame test, LeakageOptions options)
    {
        var columns = train.Columns.Select(c => c.Name).Where(n => n != options.Id && test.Contains(n)).ToList();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in Texts(train, columns))
        {
            counts[row] = counts.GetValueOrDefault(row) + 1;
        }

        long shared = Texts(test, columns).Count(counts.ContainsKey);
        var twins = counts.Values.Where(n => n > 1).Sum(n => (long)n);
        var (inTest, inTrain) = ((double)shared / test.RowCount, (double)twins / train.RowCount);
        var p = ProportionTest.Safe(twins, train.RowCount, shared, test.RowCount).PValue / 2;
        var leaks = inTest - inTrain > LeastExcess && p < Alpha;
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{shared} of {test.RowCount} test rows ({inTest:P1}) are also training rows; {inTrain:P1} would be expected by chance, which "
                + $"is the share of training rows with a duplicate among themselves{(leaks ? $" (one-sided p = {p:0.0e+0})" : "")}."
        );
        return new Check(
            "rows in both parts",
            !leaks,
            found,
            "Remove duplicates before the split, or split by a column that keeps equal rows together."
        );
    }

    private static Check Ids(ColumnFrame train, ColumnFrame test, string id)
    {
        var report = DataValidator.CheckOverlap(train, test, id);
        return new Check(
            $"'{id}' in both parts",
            report.Ok,
            report.Ok ? "No value is in both parts." : report.Findings[0].Message,
            report.Ok ? null : report.Findings[0].Fix
        );
    }

    private static IEnumerable<string> Texts(ColumnFrame frame, IReadOnlyList<string> names)
    {
        var columns = names.Select(n => frame[n]).ToArray();
        for (var row = 0; row < frame.RowCount; row++)
        {
            yield return string.Join('\u001f', columns.Select(c => c.GetText(row) ?? "\u0000"));
        }
    }
}
