namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// Do more rows hold categories that the reference lacks than chance explains? In data with many rare categories some new ones are
/// normal. Were both samples one, dealt out at random, a category of t values would lie wholly in the current sample with a known
/// probability; that gives the mean of the number of such rows and a bound on its variance, and Markov's and Cantelli's inequalities
/// turn them into a p-value that is never too small, whatever the categories are.
/// </summary>
public sealed record NewCategoryTest(long NewCategories, long NewRows, double PValue)
{
    public static NewCategoryTest Of(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var (m, n) = (0L, 0L);
        for (var i = 0; i < reference.Length; i++)
        {
            m += reference[i];
            n += current[i];
        }

        var (categories, rows, mean, variance) = (0L, 0L, 0.0, 0.0);
        for (var i = 0; i < reference.Length; i++)
        {
            var values = reference[i] + current[i];
            if (reference[i] == 0 && values > 0)
            {
                categories++;
                rows += values;
            }

            var chance = ChanceToBeNew(values, n, m + n);
            mean += values * chance;
            variance += (double)values * values * chance * (1 - chance);
        }

        if (rows == 0 || m == 0)
        {
            return new NewCategoryTest(categories, rows, 1);
        }

        var markov = mean / rows;
        var excess = rows - mean;
        var cantelli = excess > 0 ? variance / (variance + (excess * excess)) : 1;
        return new NewCategoryTest(categories, rows, Math.Min(1, Math.Min(markov, cantelli)));
    }

    // All of t values in a sample of n out of both: n·(n-1)…/(N·(N-1)…).
    private static double ChanceToBeNew(long values, long current, long total)
    {
        var chance = 1.0;
        for (var i = 0L; i < values && chance > 1e-30; i++)
        {
            chance *= (double)(current - i) / (total - i);
        }

        return values == 0 ? 0 : Math.Max(0, chance);
    }
}
