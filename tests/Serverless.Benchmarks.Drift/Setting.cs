using Serverless.Core;
using Serverless.Monitoring.Drift.Presets;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Benchmarks.Drift;

/// <summary>A kind of column: how one is drawn where nothing changes, and where something does.</summary>
internal sealed record Setting(string Column, string Change, int Reference, int Current, Func<StableRandom, bool, ColumnPair> Draw)
{
    public static IReadOnlyList<Setting> All { get; } = [.. Issue(), .. Others()];

    // The nine settings that the work was asked to show, at several sizes.
    private static IEnumerable<Setting> Issue()
    {
        foreach (var categories in new[] { 3, 5, 10, 50, 100 })
        {
            foreach (var rows in new[] { 500, 1000, 2000 })
            {
                yield return Categorical(
                    $"{categories} categories",
                    "shares tilted by ±25 %",
                    rows,
                    rows,
                    Draws.Equal(categories),
                    Draws.Tilted(categories)
                );
            }
        }

        yield return Numeric("normal", "+0.5 sd", 10_000, 50, Draws.Normal, random => Draws.Normal(random) + 0.5);
        yield return Numeric("normal", "+0.25 sd", 10_000, 200, Draws.Normal, random => Draws.Normal(random) + 0.25);
        yield return Categorical("5 categories", "shares tilted by ±25 %", 10_000, 50, Draws.Equal(5), Draws.Tilted(5));
        yield return Categorical("5 categories", "shares tilted by ±25 %", 10_000, 200, Draws.Equal(5), Draws.Tilted(5));
        foreach (var rows in new[] { 500, 1000, 2000, 10_000 })
        {
            yield return Numeric("normal", "+0.2 sd", rows, rows, Draws.Normal, random => Draws.Normal(random) + 0.2);
        }

        foreach (var rows in new[] { 500, 1000, 2000, 10_000 })
        {
            yield return Numeric("Cauchy", "+0.2", rows, rows, Draws.Cauchy, random => Draws.Cauchy(random) + 0.2);
        }

        foreach (var rows in new[] { 500, 1000, 2000, 10_000 })
        {
            yield return Categorical(".50/.30/.20", "to .45/.32/.23", rows, rows, [0.5, 0.3, 0.2], [0.45, 0.32, 0.23]);
        }
    }

    private static IEnumerable<Setting> Others()
    {
        yield return Categorical("2 categories", ".30 to .35", 500, 500, [0.3, 0.7], [0.35, 0.65]);
        yield return Categorical("2 categories", ".30 to .35", 1000, 1000, [0.3, 0.7], [0.35, 0.65]);
        yield return Categorical(
            "100 categories, Zipf",
            "shares of a Zipf law made equal by a tenth",
            1000,
            1000,
            Draws.Zipf(100),
            Mixed(Draws.Zipf(100), Draws.Equal(100))
        );
        yield return Categorical(
            "1000 categories, Zipf",
            "shares of a Zipf law made equal by a tenth",
            1000,
            1000,
            Draws.Zipf(1000),
            Mixed(Draws.Zipf(1000), Draws.Equal(1000))
        );
        yield return Categorical(
            "5 categories",
            "a new one of 2 %",
            1000,
            1000,
            [.2, .2, .2, .2, .2, 0],
            [.196, .196, .196, .196, .196, .02]
        );
        yield return Numeric("normal, 10 % null", "30 % null", 1000, 1000, random => Draws.Normal(random), Draws.Normal, 0.1, 0.3);
        yield return Numeric("normal, 10 % null", "30 % null", 5000, 5000, random => Draws.Normal(random), Draws.Normal, 0.1, 0.3);
        yield return Numeric("normal", "sd × 1.2", 500, 500, Draws.Normal, random => 1.2 * Draws.Normal(random));
        yield return Numeric("normal", "sd × 1.2", 2000, 2000, Draws.Normal, random => 1.2 * Draws.Normal(random));
        yield return Numeric("normal", "+0.5 sd", 50, 50, Draws.Normal, random => Draws.Normal(random) + 0.5);
        yield return Numeric("normal", "+0.1 sd", 5000, 5000, Draws.Normal, random => Draws.Normal(random) + 0.1);
        yield return Numeric(
            "log-normal",
            "× 1.15",
            1000,
            1000,
            random => Math.Exp(Draws.Normal(random)),
            random => 1.15 * Math.Exp(Draws.Normal(random))
        );
        yield return Numeric("Laplace", "+0.2", 500, 500, Laplace, random => Laplace(random) + 0.2);
        yield return Numeric(
            "normal",
            "10 % drawn to the middle",
            500,
            500,
            Draws.Normal,
            random => Draws.Normal(random) * (random.NextDouble() < 0.1 ? 0.2 : 1)
        );
        yield return Numeric(
            "Poisson, mean 4",
            "mean 4.3",
            800,
            800,
            random => Draws.Poisson(random, 4),
            random => Draws.Poisson(random, 4.3)
        );
        yield return Numeric(
            "70 % zeros, else log-normal",
            "65 % zeros",
            1000,
            1000,
            random => ZeroOr(random, 0.7),
            random => ZeroOr(random, 0.65)
        );
    }

    private static Setting Numeric(
        string column,
        string change,
        int reference,
        int current,
        Func<StableRandom, double> usual,
        Func<StableRandom, double> changed,
        double nulls = 0,
        double changedNulls = 0
    ) =>
        new(
            column,
            change,
            reference,
            current,
            (random, isChanged) =>
            {
                var first = FiniteValues.Sorted(Draws.Numbers(random, reference, WithNulls(usual, nulls)));
                var second = FiniteValues.Sorted(
                    Draws.Numbers(random, current, isChanged ? WithNulls(changed, changedNulls) : WithNulls(usual, nulls))
                );
                return new ColumnPair(
                    column,
                    new RowCounts(reference, reference - first.Length, 0),
                    new RowCounts(current, current - second.Length, 0)
                )
                {
                    Numeric = NumericComparison.OfSorted(NumericReference.OfSorted(first, new ReferenceProfileOptions()), second),
                };
            }
        );

    private static Setting Categorical(string column, string change, int reference, int current, double[] usual, double[] changed) =>
        new(
            column,
            change,
            reference,
            current,
            (random, isChanged) =>
                new ColumnPair(column, new RowCounts(reference, 0, 0), new RowCounts(current, 0, 0))
                {
                    Categories = new CategoryComparison(
                        CategoryReference.Of(Draws.Categories(random, reference, usual), int.MaxValue),
                        Draws.Categories(random, current, isChanged ? changed : usual)
                    ),
                }
        );

    private static Func<StableRandom, double> WithNulls(Func<StableRandom, double> draw, double share) =>
        share == 0 ? draw : random => random.NextDouble() < share ? double.NaN : draw(random);

    private static double Laplace(StableRandom random) => -Math.Log(1 - random.NextDouble()) * (random.NextDouble() < 0.5 ? -1 : 1);

    private static double ZeroOr(StableRandom random, double share) => random.NextDouble() < share ? 0 : Math.Exp(Draws.Normal(random));

    private static double[] Mixed(double[] left, double[] right) => [.. left.Zip(right, (a, b) => (0.9 * a) + (0.1 * b))];
}
