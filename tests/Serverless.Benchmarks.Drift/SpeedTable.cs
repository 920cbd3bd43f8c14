using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Benchmarks.Drift;

/// <summary>
/// Compares the CPU seconds of KS and PSI for large numeric columns, and of chi-square for large categorical ones, with SciPy and pandas
/// in the same run.
/// </summary>
internal static class SpeedTable
{
    private const int Rows = 1_000_000;
    private const int NumericColumns = 50;
    private const int CategoricalColumns = 10;

    private static readonly string[] Kinds =
    [
        "normal",
        "Cauchy",
        "log-normal",
        "uniform",
        "whole numbers 0–99",
        "70 % zeros",
        "Pareto",
        "normal + 0.01",
    ];

    private sealed record Result(
        double NumericSeconds,
        double CategoricalSeconds,
        double PeakMegabytes,
        List<double> Distances,
        string Versions
    );

    public static int Write(string file)
    {
        var ours = Ours();
        Console.WriteLine($"ours: {ours.NumericSeconds:0.00} + {ours.CategoricalSeconds:0.00} CPU s");
        var theirs = Theirs();
        if (theirs is null)
        {
            Console.Error.WriteLine("python3 with scipy and pandas did not run, so there is nothing to compare with.");
            return 1;
        }

        var worst = ours.Distances.Zip(theirs.Distances, (a, b) => Math.Abs(a - b)).Max();
        File.WriteAllText(file, Table(ours, theirs, worst));
        Console.WriteLine(File.ReadAllText(file));
        return 0;
    }

    private static Result Ours()
    {
        // Once before the clock starts, so that the compiler's work is not counted, as SciPy's never is.
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 100 || clock.Elapsed < TimeSpan.FromSeconds(3); i++)
        {
            _ = NumericDrift.Of(Numbers(i, 0, 60_000), Numbers(i, 1, 60_000));
            _ = Chi(Texts(i, 0, 60_000), Texts(i, 1, 60_000));
        }

        var (numeric, categorical, distances) = (TimeSpan.Zero, TimeSpan.Zero, new List<double>());
        var (peak, before) = (0L, 0L);
        for (var i = 0; i < NumericColumns; i++)
        {
            var (reference, current) = (Numbers(i, 0, Rows), Numbers(i, 1, Rows));
            GC.Collect();
            before = GC.GetTotalMemory(forceFullCollection: true);
            var start = Cpu();
            var drift = NumericDrift.Of(reference, current);
            numeric += Cpu() - start;
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false) - before);
            distances.Add(drift.Test.Statistic);
        }

        for (var i = 0; i < CategoricalColumns; i++)
        {
            var (reference, current) = (Texts(i, 0, Rows), Texts(i, 1, Rows));
            var start = Cpu();
            distances.Add(Chi(reference, current).PValue);
            categorical += Cpu() - start;
        }

        return new Result(numeric.TotalSeconds, categorical.TotalSeconds, peak / 1e6, distances, RuntimeInformation.FrameworkDescription);
    }

    private static ChiSquare Chi(string[] reference, string[] current)
    {
        var (left, right) = (new CategoryCounter(), new CategoryCounter());
        left.Add(Column.FromTexts("value", reference));
        right.Add(Column.FromTexts("value", current));
        var counts = new CategoryComparison(CategoryReference.Of(left.Take(), int.MaxValue), right.Take());
        return ChiSquare.TwoSample(counts.Reference, counts.Current);
    }

    private static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    // Each column goes to SciPy as a file of the very numbers; neither side's reading is on the clock.
    private static Result? Theirs()
    {
        var folder = Directory.CreateTempSubdirectory("drift-speed-");
        try
        {
            var script = Path.Combine(AppContext.BaseDirectory, "speed.py");
            using var python = Process.Start(
                new ProcessStartInfo("/usr/bin/python3")
                {
                    ArgumentList = { script, folder.FullName },
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    Environment = { ["OMP_NUM_THREADS"] = "1", ["OPENBLAS_NUM_THREADS"] = "1" },
                }
            );
            if (python is null)
            {
                return null;
            }

            for (var i = 0; i < NumericColumns + CategoricalColumns; i++)
            {
                var isNumeric = i < NumericColumns;
                var index = isNumeric ? i : i - NumericColumns;
                for (var side = 0; side < 2; side++)
                {
                    var values = isNumeric ? Numbers(index, side, Rows) : [.. Codes(index, side, Rows).Select(code => (double)code)];
                    File.WriteAllBytes(Path.Combine(folder.FullName, $"{side}.f64"), MemoryMarshal.AsBytes(values.AsSpan()));
                }

                python.StandardInput.WriteLine(isNumeric ? "numbers" : "categories");
                python.StandardInput.Flush();
                if (python.StandardOutput.ReadLine() != "done")
                {
                    return null;
                }
            }

            python.StandardInput.Close();
            return JsonSerializer.Deserialize<Result>(python.StandardOutput.ReadToEnd());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double[] Numbers(int column, int side, int rows)
    {
        var random = new StableRandom((1000 * side) + column);
        return Draws.Numbers(
            random,
            rows,
            (column % Kinds.Length) switch
            {
                0 => Draws.Normal,
                1 => Draws.Cauchy,
                2 => r => Math.Exp(Draws.Normal(r)),
                3 => r => r.NextDouble(),
                4 => r => r.NextInt(100),
                5 => r => r.NextDouble() < 0.7 ? 0 : r.NextDouble(),
                6 => r => 1 / (1 - r.NextDouble()),
                _ => r => Draws.Normal(r) + (0.01 * side),
            }
        );
    }

    // From 2 to 1000 categories; texts are one object a category, as the reader of files makes them.
    private static int[] Codes(int column, int side, int rows)
    {
        int[] categories = [2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];
        var random = new StableRandom(5000 + (1000 * side) + column);
        var codes = new int[rows];
        for (var i = 0; i < rows; i++)
        {
            codes[i] = (int)(categories[column % categories.Length] * random.NextDouble() * random.NextDouble());
        }

        return codes;
    }

    private static string[] Texts(int column, int side, int rows)
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"category {i}").ToArray();
        return Array.ConvertAll(Codes(column, side, rows), code => names[code]);
    }

    private static string Table(Result ours, Result theirs, double worst)
    {
        var kinds = string.Join(", ", Kinds);
        var (all, allOfTheirs) = (ours.NumericSeconds + ours.CategoricalSeconds, theirs.NumericSeconds + theirs.CategoricalSeconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            # Speed of the drift statistics

            Generated by `dotnet run -c Release --project tests/Serverless.Benchmarks.Drift -- speed docs/drift-speed.md`. The table shows
            processor seconds of both in one run, one after the other, on the same columns in memory; creating and reading the columns
            is not counted. {NumericColumns} numeric columns of {Rows:#,0} rows a side
            ({kinds}, in turn):
            Kolmogorov-Smirnov test and PSI by deciles. {CategoricalColumns} categorical columns of {Rows:#,0} rows a side, 2 to 1000
            categories as texts: two-sample chi-square test. Theirs: `scipy.stats.ks_2samp`, `numpy.quantile` and `numpy.histogram`,
            `pandas.Series.value_counts` and `scipy.stats.chi2_contingency`.

            | | CPU s | KS and PSI | chi-square | working memory |
            |---|--:|--:|--:|--:|
            | {theirs.Versions} | {allOfTheirs:0.00} | {theirs.NumericSeconds:0.00} | {theirs.CategoricalSeconds:0.00} | |
            | ours, {ours.Versions} | {all:0.00} | {ours.NumericSeconds:0.00} | {ours.CategoricalSeconds:0.00} | {ours.PeakMegabytes:0} MB |
            | times faster | {allOfTheirs / all:0.0} | {Faster(r => r.NumericSeconds):0.0} | {Faster(r => r.CategoricalSeconds):0.0} | |

            The largest difference between the two, in a distance D or a p-value of chi-square, is {worst:0.0e0}. Working memory is the
            managed memory at the end of a column beyond the column itself.

            """
        );

        double Faster(Func<Result, double> seconds) => seconds(theirs) / seconds(ours);
    }
}
