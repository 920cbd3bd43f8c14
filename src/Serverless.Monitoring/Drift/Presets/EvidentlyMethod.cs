using Serverless.Core;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Presets;

/// <summary>
/// A method with Evidently's name: its columns, default threshold, score, and the side of the threshold that means drift.
/// </summary>
internal sealed record EvidentlyMethod(
    string Name,
    string Title,
    double Threshold,
    Func<NumericComparison, double>? OfNumbers,
    Func<CategoryComparison, double>? OfCategories
)
{
    private enum Side
    {
        Below,
        AtMost,
        AtLeast,
    }

    public static readonly EvidentlyMethod Ks = new("ks", "K-S p_value", 0.05, KsOf, null) { Drift = Side.AtMost };

    // Evidently also applies this and the next one to numeric columns with few values.
    public static readonly EvidentlyMethod Chi = new(
        "chisquare",
        "chi-square p_value",
        0.05,
        n => ChiOf(n.ValueCounts()),
        c => ChiOf((c.Names, c.Reference, c.Current))
    )
    {
        Drift = Side.Below,
    };

    public static readonly EvidentlyMethod Z = new(
        "z",
        "Z-test p_value",
        0.05,
        n => ZOf(n.ValueCounts()),
        c => ZOf((c.Names, c.Reference, c.Current))
    )
    {
        Drift = Side.Below,
    };

    public static readonly EvidentlyMethod WassersteinNormed = new(
        "wasserstein",
        "Wasserstein distance (normed)",
        0.1,
        n => n.NormedWasserstein(),
        null
    );

    public static readonly EvidentlyMethod JensenShannon = OfShares("jensenshannon", "Jensen-Shannon distance", Divergence.JensenShannon);

    private static readonly EvidentlyMethod[] All =
    [
        Ks,
        Chi,
        Z,
        WassersteinNormed,
        JensenShannon,
        OfShares("psi", "PSI", Divergence.Psi),
        OfShares("hellinger", "Hellinger distance", Divergence.Hellinger),
        OfShares("kl_div", "Kullback-Leibler divergence", Divergence.KullbackLeibler),
    ];

    private delegate double ShareDistance(ReadOnlySpan<double> reference, ReadOnlySpan<double> current);

    private Side Drift { get; init; } = Side.AtLeast;

    public bool IsDrift(double score, double threshold) =>
        Drift switch
        {
            Side.Below => score < threshold,
            Side.AtMost => score <= threshold,
            _ => score >= threshold,
        };

    public static EvidentlyMethod Get(string name, bool isNumeric)
    {
        var fitting = All.Where(method =>
                (isNumeric ? method.OfNumbers is not null : method.OfCategories is not null)
                && !(isNumeric && (method == Chi || method == Z))
            )
            .ToList();
        return fitting.Find(method => method.Name == name)
            ?? throw ServerlessException.Invalid(
                $"'{name}' is not a method for columns of {(isNumeric ? "numbers" : "categories")}: "
                    + $"use one of {string.Join(", ", fitting.Select(method => method.Name))}.",
                NearestName.Find(name, fitting.Select(method => method.Name)) is { } nearest
                    ? $"Did you mean '{nearest}'?"
                    : "Use one of these."
            );
    }

    public static void CheckNames(DriftOptions options)
    {
        _ = options.NumericMethod is { } numeric ? Get(numeric, isNumeric: true) : null;
        _ = options.CategoricalMethod is { } categorical ? Get(categorical, isNumeric: false) : null;
    }

    private static EvidentlyMethod OfShares(string name, string title, ShareDistance distance) =>
        new(name, title, 0.1, numbers => Apply(distance, numbers.EvidentlyShares()), categories => Apply(distance, categories.Shares()));

    private static double Apply(ShareDistance distance, (double[] Reference, double[] Current) shares) =>
        distance(shares.Reference, shares.Current);

    private static double KsOf(NumericComparison numbers) =>
        KolmogorovSmirnov.Probability(numbers.KsDistance().D, numbers.ReferenceCount, numbers.CurrentCount);

    private static double ChiOf<T>((T[] Values, long[] Reference, long[] Current) counts) =>
        ChiSquare.OneSample(counts.Reference, counts.Current).PValue;

    // The same single value on both sides, or the share of all but the first of two.
    private static double ZOf<T>((T[] Values, long[] Reference, long[] Current) counts) =>
        counts.Values.Length == 1
            ? 1
            : ProportionTest
                .Z(counts.Reference.Skip(1).Sum(), counts.Reference.Sum(), counts.Current.Skip(1).Sum(), counts.Current.Sum())
                .PValue;
}
