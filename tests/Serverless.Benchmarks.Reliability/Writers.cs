using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.Benchmarks.Reliability;

/// <summary>Clients that write until the host is gone, and remember what it acknowledged.</summary>
internal sealed class Writers
{
    private const int Clients = 4;

    /// <summary>By run: how many values of the metric were acknowledged, and its artifacts.</summary>
    private readonly ConcurrentDictionary<string, (int Values, List<string> Artifacts)> acknowledged = new();

    public int Acknowledged => acknowledged.Values.Sum(a => a.Values + a.Artifacts.Count + 1);

    public Task WriteAsync(Uri root, CancellationToken end) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ClientAsync(root, end)));

    public async Task<IReadOnlyList<string>> LostAsync(Uri root)
    {
        var lost = new List<string>();
        foreach (var (run, (values, artifacts)) in acknowledged)
        {
            using var answer = await Wire.Http.GetAsync(
                new Uri(root, $"api/2.0/mlflow/metrics/get-history?run_id={run}&metric_key=m&max_results=25000")
            );
            var text = await answer.Content.ReadAsStringAsync();
            var found = answer.IsSuccessStatusCode
                ? System.Text.Json.Nodes.JsonNode.Parse(text)!["metrics"]?.AsArray().Select(m => (int)m!["step"]!).ToHashSet() ?? []
                : null;
            lost.AddRange(
                found is null
                    ? [$"run {run}"]
                    : Enumerable.Range(0, values).Where(v => !found.Contains(v)).Select(v => $"run {run}, value {v}")
            );
            foreach (var artifact in artifacts)
            {
                using var file = await Wire.Http.GetAsync(new Uri(root, artifact));
                if (!file.IsSuccessStatusCode || await file.Content.ReadAsStringAsync() != artifact)
                {
                    lost.Add($"artifact {artifact}");
                }
            }
        }

        return lost;
    }

    private async Task ClientAsync(Uri root, CancellationToken end)
    {
        try
        {
            var run = await Wire.CreateRunAsync(root);
            var artifacts = new List<string>();
            acknowledged[run] = (0, artifacts);
            for (var i = 0; !end.IsCancellationRequested; i++)
            {
                var point = string.Create(CultureInfo.InvariantCulture, $$"""{"key":"m","value":{{i}},"timestamp":1,"step":{{i}}}""");
                if (await Wire.PostAsync(root, "runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{{point}}]}""") is null)
                {
                    return;
                }

                acknowledged[run] = (i + 1, artifacts);
                if (i % 10 == 0)
                {
                    var path = $"api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/{i}.txt";
                    using var content = Wire.Json(path, "text/plain");
                    using var answer = await Wire.Http.PutAsync(new Uri(root, path), content, end);
                    if (answer.IsSuccessStatusCode)
                    {
                        artifacts.Add(path);
                    }
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The host is gone, which is what is tried here.
        }
    }
}
