using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Core;

namespace Serverless.Benchmarks.Reliability;

/// <summary>What the soak asks: each protocol its share, one request in ten hostile. The order is the same in every run.</summary>
internal sealed class Mix(Uri root, IReadOnlyList<string> runs)
{
    private static readonly (int Share, string Kind)[] Shares =
    [
        (30, "log-batch"),
        (5, "create run"),
        (5, "search runs"),
        (12, "get run"),
        (25, "invocation"),
        (4, "put object"),
        (4, "get object"),
        (2, "policies"),
        (3, "health"),
        (10, "hostile"),
    ];
    private readonly StableRandom random = new(7);

    /// <returns>The request, and whether it is one that must be refused.</returns>
    public (HttpRequestMessage Request, bool IsHostile) Next(int index)
    {
        var at = random.NextInt(100);
        var kind = Shares.First(s => (at -= s.Share) < 0).Kind;
        return (kind == "hostile" ? Hostile(index) : Of(kind, index), kind == "hostile");
    }

    private HttpRequestMessage Of(string kind, int index)
    {
        var run = runs[random.NextInt(runs.Count)];
        switch (kind)
        {
            case "log-batch":
                var points = Enumerable.Range(0, 5).Select(i => $$"""{"key":"m{{i}}","value":{{i}}.5,"timestamp":1,"step":{{index}}}""");
                return Post("api/2.0/mlflow/runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{{string.Join(',', points)}}]}""");
            case "create run":
                return Post("api/2.0/mlflow/runs/create", """{"experiment_id":"1"}""");
            case "search runs":
                return Post("api/2.0/mlflow/runs/search", """{"experiment_ids":["0"],"filter":"metrics.m1 > 1","max_results":20}""");
            case "get run":
                return Get("api/2.0/mlflow/runs/get?run_id=" + run);
            case "invocation":
                return Post(
                    "models/buyers/invocations",
                    """{"dataframe_split":{"columns":["age","income","plan","active"],"data":[[40,2500.5,"pro",true]]}}"""
                );
            case "put object":
                var bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"object {index % 500}"));
                return new HttpRequestMessage(HttpMethod.Put, new Uri(root, NameOf(bytes))) { Content = Wire.Bytes(bytes) };
            case "get object":
                return Get("api/2.0/data/objects?max_results=10");
            case "policies":
                return Get("api/2.0/policies");
            default:
                return Get("health");
        }
    }

    /// <summary>Broken, oversized, misdirected: each is answered with a refusal, none with a fault.</summary>
    private HttpRequestMessage Hostile(int index) =>
        (index % 12) switch
        {
            0 => Post("api/2.0/mlflow/runs/create", "{\"experiment_id\":"),
            1 => Post("api/2.0/mlflow/runs/log-batch", "[" + new string('[', 20_000)),
            2 => Post("api/2.0/mlflow/runs/log-metric", """{"run_id":"x","key":"k","value":"no","timestamp":1}"""),
            3 => Get("api/2.0/mlflow/runs/get?run_id=" + new string('a', 4000)),
            4 => Get("api/2.0/mlflow-artifacts/artifacts?path=../../etc/passwd"),
            5 => Post("models/buyers/invocations", """{"dataframe_split":{"columns":["age"],"data":[[{}]]}}"""),
            6 => Post("models/nobody/invocations", "{}"),
            7 => new HttpRequestMessage(HttpMethod.Put, new Uri(root, "api/2.0/data/objects/files/md5/00/" + new string('0', 30)))
            {
                Content = Wire.Bytes([1, 2, 3]),
            },
            8 => new HttpRequestMessage(HttpMethod.Delete, new Uri(root, "api/2.0/mlflow/runs/create")),
            9 => Post("api/2.0/mlflow/runs/search", """{"experiment_ids":["0"],"filter":"metrics.`a > ((('"}"""),
            10 => Post("api/2.0/mlflow/experiments/create", $$"""{"name":"{{new string('n', 5000)}}"}"""),
            _ => Compressed(),
        };

    private HttpRequestMessage Compressed()
    {
        var request = Post("api/2.0/mlflow/runs/create", "this is not gzip");
        request.Content!.Headers.ContentEncoding.Add("gzip");
        return request;
    }

    private static string NameOf(byte[] bytes)
    {
#pragma warning disable CA5351 // DVC names its objects by their md5
        var digest = Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
        return $"api/2.0/data/objects/files/md5/{digest[..2]}/{digest[2..]}";
    }

    private HttpRequestMessage Get(string path) => new(HttpMethod.Get, new Uri(root, path));

    private HttpRequestMessage Post(string path, string json) => new(HttpMethod.Post, new Uri(root, path)) { Content = Wire.Json(json) };
}
