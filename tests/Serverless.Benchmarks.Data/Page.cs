using System.Globalization;
using System.Text;

namespace Serverless.Benchmarks.Data;

/// <summary>The table, rows that miss what they aim at included.</summary>
internal static class Page
{
    public static string Of(IEnumerable<(Row Row, Measured Measured)> results)
    {
        var to = new StringBuilder($"""
            # Benchmarks of data versions

            Seconds from the start of the process to its end, the published program (ReadyToRun), on {Environment.ProcessorCount} cores that other
            processes use too; the best of two to five. DVC's column is DVC 3.64 on a machine like this one, in another run.

                dotnet publish src/Serverless.Local -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o out
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops docs/benchmarks-data.md
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops - million     # slow: only when named

            | what | DVC 3.64 | aim | here: wall | processor | memory | |
            |---|---|---|---|---|---|---|

            """);
        foreach (var (row, measured) in results)
        {
            var dvc = row.Dvc is { } seconds ? $"{Text(seconds)} s" : "";
            to.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.What} | {dvc} | ≤ {Text(row.Reach)} s | {measured.Wall:0.00} s | {measured.Cpu:0.00} s | {measured.PeakBytes >> 20} MB | {(measured.Wall <= row.Reach ? "" : "**missed**")} |");
        }

        return to.ToString();
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
