using System.Diagnostics;
using System.Globalization;
using Serverless.Core;

namespace Serverless.Benchmarks.Reliability;

/// <summary>
/// Kills the host, or host and store, at random moments while clients write and a pipeline runs. Fails if an acknowledged write is not
/// there afterwards, a recorded task ran again, or a run did not come to its end.
/// </summary>
internal static class Crash
{
    public static async Task<int> RunAsync(int hostKills, int bothKills)
    {
        await using var platform = new Platform();
        await platform.StartStoreAsync();
        var random = new StableRandom(11);
        var writers = new Writers();
        var runs = new KilledRuns(platform);
        var rows = new List<string>();
        var hasPassed = true;
        foreach (var (name, kills, withStore) in ((string, int, bool)[])[("host", hostKills, false), ("host and store", bothKills, true)])
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < kills; i++)
            {
                await platform.StartHostAsync();
                using var end = new CancellationTokenSource();
                var writing = writers.WriteAsync(platform.Url, end.Token);
                var run = runs.Begin();
                await Task.Delay(TimeSpan.FromMilliseconds(300 + random.NextInt(2500)), TimeProvider.System);
                await Task.WhenAll(platform.KillHostAsync(), run.KillAsync(), withStore ? platform.KillStoreAsync() : Task.CompletedTask);
                await end.CancelAsync();
                await writing;
                if (withStore)
                {
                    await platform.StartStoreAsync();
                }

                await runs.RememberAsync();
            }

            await platform.StartHostAsync();
            await runs.EndAsync();
            var lost = await writers.LostAsync(platform.Url);
            await platform.KillHostAsync();
            hasPassed &= lost.Count == 0 && runs.Twice.Count == 0 && runs.Unended == 0;
            rows.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {kills} | {writers.Acknowledged:N0} | {lost.Count} | {runs.Recorded} | {runs.Twice.Count} | "
                        + $"{runs.Unended} | {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} min |"
                )
            );
            foreach (var what in lost.Concat(runs.Twice).Take(20))
            {
                await Console.Error.WriteLineAsync(what);
            }
        }

        Console.WriteLine(
            "| killed | kills | acknowledged writes | lost | tasks recorded before a kill | run again | runs without an end | took |"
        );
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        rows.ForEach(Console.WriteLine);
        Console.WriteLine($"\nWrites and tasks count from the first kill on: {(hasPassed ? "passed" : "FAILED")}.");
        return hasPassed ? 0 : 1;
    }
}
