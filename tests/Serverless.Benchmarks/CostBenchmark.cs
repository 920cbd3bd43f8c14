using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Serverless.Local.Commands;

namespace Serverless.Benchmarks;

/// <summary>
/// Counts the storage operations of a run of the sample and of one that finds everything in the cache: what infra/COSTS.md multiplies.
/// </summary>
internal static class CostBenchmark
{
    public static async Task<string> RunAsync(string connectionString, string samples, string folder)
    {
        Environment.SetEnvironmentVariable("AzureWebJobsStorage", connectionString);
        Environment.CurrentDirectory = folder;
        using var counter = new RequestCounter(connectionString);
        var table = new StringBuilder(
            "| what | table operations | blob writes and lists | blob reads | queue operations |\n|---|---|---|---|---|\n"
        );
        await CountAsync("a run of samples/churn, everything trained", () => CommandLine.RunAsync(["run", samples, "--no-policy"]));
        await CountAsync("the same once more, everything from the cache", () => CommandLine.RunAsync(["run", samples, "--no-policy"]));
        return table.ToString();

        async Task CountAsync(string what, Func<Task<int>> work)
        {
            counter.Reset();
            var code = await work();
            var (tables, writes, reads, queues) = counter.Counts;
            table.Append(
                CultureInfo.InvariantCulture,
                $"| {what}{(code == 0 ? "" : $" (exit code {code})")} | {tables} | {writes} | {reads} | {queues} |\n"
            );
        }
    }

    /// <summary>Listens to the HTTP requests of this process.</summary>
    private sealed class RequestCounter : IDisposable
    {
        private readonly ActivityListener listener;
        private readonly ConcurrentDictionary<string, int> counts = new(StringComparer.Ordinal);
        private readonly Dictionary<int, string> services;

        public RequestCounter(string connectionString)
        {
            services = connectionString
                .Split(';')
                .Where(p => p.Contains("Endpoint=http", StringComparison.Ordinal))
                .Select(p => p.Split('=', 2))
                .ToDictionary(p => new Uri(p[1]).Port, p => p[0].Replace("Endpoint", "", StringComparison.Ordinal));
            listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "System.Net.Http",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                    Count(activity.GetTagItem("http.request.method") as string ?? "", activity.GetTagItem("url.full") as string ?? ""),
            };
            ActivitySource.AddActivityListener(listener);
        }

        public (int Tables, int Writes, int Reads, int Queues) Counts => (Of("table"), Of("write"), Of("read"), Of("queue"));

        public void Reset() => counts.Clear();

        public void Dispose() => listener.Dispose();

        private int Of(string kind) => counts.GetValueOrDefault(kind);

        private void Count(string method, string url)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && services.TryGetValue(uri.Port, out var service))
            {
                // A deletion of a blob costs nothing; a listing costs what a write does.
                var kind = service switch
                {
                    "Table" => "table",
                    "Queue" => "queue",
                    _ when method == "DELETE" => "free",
                    _ when method is "GET" or "HEAD" && !uri.Query.Contains("comp=list", StringComparison.Ordinal) => "read",
                    _ => "write",
                };
                counts.AddOrUpdate(kind, 1, (_, n) => n + 1);
            }
        }
    }
}
