using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Statistics;
using Serverless.Monitoring.Validation;

namespace Serverless.Monitoring.Checks;

/// <summary>What to look for in two parts that must not know of one another.</summary>
public sealed record LeakageOptions
{
    /// <summary>The column that a model is to predict.</summary>
    public required string Label { get; init; }

    /// <summary>The column that names what a row is about: no value may be in both parts.</summary>
    public string? Id { get; init; }

    /// <summary>The column of the time: training must end before the test begins.</summary>
    public string? Time { get; init; }

    /// <summary>
    /// A single column that tells the label with this AUC (or this share of a number's variance) is taken for a leak. Default: 0.98.
    /// </summary>
    public double MostSinglePower { get; init; } = 0.98;

    /// <summary>Columns that may tell the label.</summary>
    public IReadOnlyCollection<string> Allow { get; init; } = [];
}

/// <summary>
/// Signs that test rows are no honest judge of a model: shared rows, shared ids, time travel, a column that is the label in disguise.
/// </summary>
public static class LeakageCheck
{
    // Twins within the training rows tell how often two honest rows are equal; only what is beyond that is a leak.
    private const double Alpha = 0.01;
    private const double LeastExcess = 0.01;

    public static CheckReport Run(ColumnFrame train, ColumnFrame test, LeakageOptions options)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        if (train.RowCount == 0 || test.RowCount == 0)
        {
            throw ServerlessException.Invalid("One of the two parts has no rows.", "Give a training part and a test part with rows.");
        }

        // Names that are wrong are told before anything is looked at.
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
            $"{shared} of {test.RowCount} test rows ({inTest:P1}) are training rows too; by chance alone {inTrain:P1} would be, which "
                + $"is how many training rows have a twin among themselves{(leaks ? $" (one-sided p = {p:0.0e+0})" : "")}."
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
