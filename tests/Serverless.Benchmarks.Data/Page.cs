using System.Globalization;

namespace Serverless.Benchmarks.Data;

/// <summary>
/// The table, rows that miss what they aim at included. Each row is written as soon as it is there: a run that is cut short keeps what it
/// has.
/// </summary>
internal sealed class Page : IDisposable
{
    private readonly StreamWriter? file;

    public Page(Settings settings)
    {
        file = settings.Page is { } path ? new StreamWriter(path) { AutoFlush = true } : null;
        Write(
            $$"""
            # Benchmarks of data versions

            Seconds from the start of the process to its end, the published program (ReadyToRun), {{Environment.ProcessorCount}} cores, the best of two to five
            where a row does not change what it measures. DVC's column is {{(
                settings.Dvc is null
                    ? "DVC 3.64 on a machine like this one when it was idle, in another run"
                    : "real DVC in the same run, each row right after ours"
            )}}.{{(settings.IsSmall ? " **Small data: only to see that every row works.**" : "")}}

                dotnet publish src/Serverless.Local -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o out
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops --dvc $(which dvc) --page docs/benchmarks-data.md
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops million     # slow: only when named

            | what | DVC: wall | processor | memory | aim | here: wall | processor | memory | |
            |---|---|---|---|---|---|---|---|---|
            """
        );
    }

    public void Add(Row row, Measured ours, Measured? dvc)
    {
        var reach = row.OfDvc is { } share && dvc is { } real ? share * real.Wall : row.Reach;
        var isMissed = ours.Wall > reach || ours.PeakBytes > (row.ReachBytes ?? long.MaxValue);
        var theirs =
            dvc is { } measured ? $"{measured.Wall:0.00} s | {measured.Cpu:0.00} s | {measured.PeakBytes >> 20} MB"
            : row.Dvc is { } known ? $"{Text(known)} s | | "
            : "| | ";
        var aim = $"≤ {Text(reach)} s{(row.ReachBytes is { } bytes ? $", ≤ {bytes >> 20} MB" : "")}";
        Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.What} | {theirs} | {aim} | {ours.Wall:0.00} s | {ours.Cpu:0.00} s | {ours.PeakBytes >> 20} MB | "
                    + $"{(isMissed ? "**missed**" : "")} |"
            )
        );
    }

    public void Fail(Row row, string why) => Write($"| {row.What} | | | | | **failed**: {why.ReplaceLineEndings(" ")} | | | |");

    public void Dispose() => file?.Dispose();

    private void Write(string text)
    {
        Console.Out.WriteLine(text);
        Console.Out.Flush();
        file?.WriteLine(text);
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
