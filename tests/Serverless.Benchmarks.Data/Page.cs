using System.Globalization;

namespace Serverless.Benchmarks.Data;

/// <summary>
/// Writes the table, including rows that miss their aim. Each row is written as soon as it is measured, so an interrupted run keeps its
/// rows.
/// </summary>
internal sealed class Page : IDisposable
{
    private readonly StreamWriter? file;

    public Page(Settings settings)
    {
        file = settings.Page is { } path ? new StreamWriter(path) { AutoFlush = true } : null;
        var theirs = settings.Dvc is null
            ? "DVC's column is DVC 3.64 on a similar idle machine, in another run."
            : "DVC's columns are real DVC in the same run, each row right after ours.";
        var small = settings.IsSmall ? " **Small data: only to see that every row works.**" : "";
        Write(
            $$"""
            # Benchmarks of data versions

            Compare the data commands with real DVC on your machine:

                dotnet publish src/Serverless.Local -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o out
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops --dvc $(which dvc)
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops million     # slow: only when named
                dotnet run -c Release --project tests/Serverless.Benchmarks.Data -- out/mlops --small     # only to see that every row works

            The table shows seconds from the start of the process to its end, for the published program (ReadyToRun) on
            {{Environment.ProcessorCount}} cores. It is the best of two to five where a row does not change what it measures. {{theirs}}
            The program writes each row as soon as it is measured.{{small}}

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
