using System.Text.Json;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Tests;

/// <summary>The reference cases: labels, the scores of two models, and the values SciPy computes from them.</summary>
internal sealed record Golden(double[] Labels, double[] Champion, double[] Challenger, JsonElement Expected)
{
    public static TheoryData<string> Names => ["churn_logreg_vs_gb", "churn_rf_vs_rf_seed2", "synthetic_small_500"];

    public static async Task<Golden> ReadAsync(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "golden");
        var frame = await ColumnReader.ReadAsync(Path.Combine(folder, $"{name}.csv"));
        using var reference = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "reference.json")));
        return new Golden(
            frame["y"].Numbers.ToArray(),
            frame["champion"].Numbers.ToArray(),
            frame["challenger"].Numbers.ToArray(),
            reference.RootElement.GetProperty(name).Clone()
        );
    }

    /// <summary>The number at a path of names and indexes.</summary>
    public double this[params object[] path] =>
        path.Aggregate(Expected, (element, step) => step is int index ? element[index] : element.GetProperty((string)step)).GetDouble();
}
