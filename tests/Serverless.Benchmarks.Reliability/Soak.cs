using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Benchmarks.Reliability;

/// <summary>
/// Requests at a fixed rate, whether or not the ones before are answered; a request's time counts from when it was due. Fails if a
/// request is answered with a fault, a hostile one is taken, or memory grows by more than a fifth after the first minute.
/// </summary>
internal static class Soak
{
    private const int Runs = 20;
    private const double Growth = 1.2;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(TimeSpan time, int perSecond)
    {
        await using var platform = new Platform();
        await platform.StartStoreAsync();
        await ServeModelAsync(platform);
        await platform.StartHostAsync();
        await Wire.PostAsync(platform.Url, "experiments/create", """{"name":"soak"}""");
        var runs = new List<string>();
        for (var i = 0; i < Runs; i++)
        {
            runs.Add(await Wire.CreateRunAsync(platform.Url));
        }

        var mix = new Mix(platform.Url, runs);
        Console.WriteLine("| minute | requests | p50 ms | p99 ms | refused, as they should be | faults (5xx or broken) | host MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var (faults, first, last) = (0, 0.0, 0.0);
        var minutes = (int)Math.Ceiling(time / Minute);
        for (var minute = 0; minute < minutes; minute++)
        {
            var part = TimeSpan.FromTicks(Math.Min(Minute.Ticks, (time - (minute * Minute)).Ticks));
            var tally = await MinuteAsync(mix, part, perSecond, minute * perSecond * 60);
            last = platform.HostMegabytes;
            first = minute == 0 ? last : first;
            faults += tally.Faults.Count;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {minute + 1} | {tally.Waits.Count:N0} | {tally.At(0.5):0.0} | {tally.At(0.99):0} | {tally.Refused:N0} | "
                        + $"{tally.Faults.Count} | {last:N0} |"
                )
            );
            foreach (var group in tally.Faults.GroupBy(f => f).Take(10))
            {
                Console.Error.WriteLine($"{group.Count()} × {group.Key}");
            }
        }

        var isFlat = last <= first * Growth;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"\n{faults} faults; memory {last / first:P0} of its value after the first minute: "
                    + $"{(faults == 0 && isFlat ? "passed" : "FAILED")}."
            )
        );
        return faults == 0 && isFlat ? 0 : 1;
    }

    private static async Task<Tally> MinuteAsync(Mix mix, TimeSpan time, int perSecond, int from)
    {
        var tally = new Tally();
        var pending = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < (int)(perSecond * time.TotalSeconds); i++)
        {
            var due = started + (long)(i / (double)perSecond * Stopwatch.Frequency);
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, TimeProvider.System);
            }

            var (request, isHostile) = mix.Next(from + i);
            pending.Add(SendAsync(request, isHostile, due, tally));
        }

        await Task.WhenAll(pending);
        return tally;
    }

    private static async Task SendAsync(HttpRequestMessage request, bool isHostile, long due, Tally tally)
    {
        var what = $"{request.Method} {request.RequestUri!.AbsolutePath[..Math.Min(60, request.RequestUri.AbsolutePath.Length)]}";
        try
        {
            using (request)
            using (var answer = await Wire.Http.SendAsync(request))
            {
                await answer.Content.ReadAsByteArrayAsync();
                var status = (int)answer.StatusCode;
                if (status >= 500 || (isHostile ? status < 400 : status >= 400))
                {
                    tally.Faults.Add($"{what}: {status}");
                }
                else if (isHostile)
                {
                    tally.Refuse();
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            tally.Faults.Add($"{what}: {e.Message}");
        }

        tally.Waits.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
    }

    private static async Task ServeModelAsync(Platform platform)
    {
        var model = await TrainedModel.OfCustomersAsync(platform.Folder);
        var store = await Store.OpenAsync(new StorageOptions { ConnectionString = platform.ConnectionString, Workspace = "default" });
        var registry = new ModelRegistry(store, TimeProvider.System);
        var version = await registry.RegisterAsync(
            new RegisterRequest
            {
                Name = "buyers",
                ModelDirectory = model,
                RequestId = Ids.NewId(),
            }
        );
        await registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "buyers",
                Version = version.Version,
                Stage = Stage.Production,
                By = "benchmark",
            }
        );
    }

    private sealed class Tally
    {
        private int refused;

        public ConcurrentBag<double> Waits { get; } = [];

        public ConcurrentBag<string> Faults { get; } = [];

        public int Refused => refused;

        public void Refuse() => Interlocked.Increment(ref refused);

        public double At(double share)
        {
            var sorted = Waits.Order().ToList();
            return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
        }
    }
}
