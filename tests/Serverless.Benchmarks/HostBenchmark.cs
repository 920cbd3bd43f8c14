using System.Diagnostics;

namespace Serverless.Benchmarks;

/// <summary>The host as a process: from its start to its first answer, and what it holds when it has nothing to do.</summary>
internal static class HostBenchmark
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public static async Task<(double Seconds, double Megabytes)> StartAsync(string connectionString, string folder)
    {
        var started = Stopwatch.GetTimestamp();
        return await OnHostAsync(
            connectionString,
            folder,
            async (url, host) =>
            {
                using var http = new HttpClient();
                var answer = await http.GetStringAsync(new Uri(url + "/health"));
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                if (answer != "OK")
                {
                    throw new InvalidOperationException(answer);
                }

                await Task.Delay(Settling, TimeProvider.System);
                host.Refresh();
                return (seconds, host.WorkingSet64 / 1024.0 / 1024.0);
            }
        );
    }

    /// <summary>Starts a host of its own, and ends it after the work.</summary>
    public static async Task<T> OnHostAsync<T>(string connectionString, string folder, Func<string, Process, Task<T>> work)
    {
        using var host = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(Local.Azurite.AzuriteServer).Assembly.Location, "up", "--port", "0"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                Environment = { ["AzureWebJobsStorage"] = connectionString },
            }
        )!;
        try
        {
            var line = await host.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The host did not start.");
            return await work(line.Split(' ').First(w => w.StartsWith("http://", StringComparison.Ordinal)), host);
        }
        finally
        {
            host.Kill();
        }
    }
}
