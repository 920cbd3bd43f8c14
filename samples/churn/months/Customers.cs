using Serverless.Columns;

namespace Serverless.Samples.Churn;

/// <summary>Customers, and methods to sample them.</summary>
internal sealed class Customers(ColumnFrame frame)
{
    private const string Label = "churn";

    public ColumnFrame Frame { get; } = frame;

    public double Leaving => Enumerable.Range(0, Frame.RowCount).Average(row => Leaves(Frame, row) ? 1.0 : 0);

    /// <summary>A plan that attracts customers with short contracts, fiber optic and high bills.</summary>
    public static double NewTariff(ColumnFrame frame, int row) =>
        (frame["contract"].GetText(row) == "Month-to-month" ? 0.6 : 0)
        + (HasFiber(frame, row) ? 0.5 : 0)
        + (frame["monthly_charges"].GetNumber(row) / 100)
        - (frame["tenure"].GetNumber(row) / 60);

    /// <summary>Those with several lines leave for a rival's family plan; those without a partner stay.</summary>
    public static double NewReasons(ColumnFrame frame, int row)
    {
        var pull = (frame["multiple_lines"].GetText(row) == "Yes" ? 1.2 : -1.2) + (frame["partner"].GetNumber(row) == 1 ? 0.8 : -0.8);
        return Leaves(frame, row) ? pull : -pull;
    }

    public static bool HasFiber(ColumnFrame frame, int row) => frame["internet_service"].GetText(row) == "Fiber optic";

    /// <summary>
    /// Samples without replacement, each customer with the weight exp(sum of <paramref name="logWeights"/>): takes the ones with the
    /// largest u^(1/w) (Efraimidis and Spirakis, 2006).
    /// </summary>
    public Customers Draw(int count, int seed, params Func<ColumnFrame, int, double>[] logWeights)
    {
        var random = new StableRandom(seed);
        var keys = new double[Frame.RowCount];
        for (var row = 0; row < keys.Length; row++)
        {
            // log(u)/w has the same order as u^(1/w), without the underflow.
            keys[row] = Math.Log(1 - random.NextDouble()) / Math.Exp(logWeights.Sum(w => w(Frame, row)));
        }

        var chosen = Enumerable.Range(0, keys.Length).OrderByDescending(row => keys[row]).ThenBy(row => row).Take(count).ToArray();
        random.Shuffle<int>(chosen);
        return new Customers(Frame.Take(chosen));
    }

    public Customers ShuffleLabels(int seed)
    {
        var labels = Labels();
        new StableRandom(seed).Shuffle<string?>(labels);
        return With(labels);
    }

    public Customers SwapLabels(Func<ColumnFrame, int, bool> of)
    {
        var labels = Labels();
        for (var row = 0; row < labels.Length; row++)
        {
            labels[row] = of(Frame, row)
                ? labels[row] == "Yes"
                    ? "No"
                    : "Yes"
                : labels[row];
        }

        return With(labels);
    }

    private string?[] Labels() => [.. Frame[Label].Texts];

    private Customers With(string?[] labels) => new(Frame.With(Column.FromTexts(Label, labels)));

    private static bool Leaves(ColumnFrame frame, int row) => frame[Label].GetText(row) == "Yes";
}
