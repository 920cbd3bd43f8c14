using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Serverless.Api.Tests;

/// <summary>Requests that were made to break the host: each gets an answer that says so, soon, and costs it nothing.</summary>
public sealed class HostileRequestTests(ApiFixture api) : IDisposable
{
    private const int Rounds = 20;
    private const int AtOnce = 8;
    private readonly string workspace = ApiFixture.NewWorkspace();
    private readonly HttpClient client = new() { BaseAddress = api.Address, Timeout = TimeSpan.FromSeconds(60) };

    private static readonly string[] Ids =
    [
        "a",
        "0",
        "-1",
        "99999999999999999999",
        "%",
        "..",
        "a/b",
        "a|b",
        "~",
        "~2",
        "'",
        "a' or 1 eq 1",
        "\u0001",
        "\u0000",
        "\uFFFF",
        "é😀",
        " ",
        "{}",
        "#?&=",
        new string('x', 257),
        new string('é', 256),
        new string('x', 3000),
        "default",
        "latest",
        "null",
    ];

    private static readonly string[] Bodies =
    [
        "",
        "{}",
        "[]",
        "null",
        "1",
        "\"x\"",
        "{",
        "[[[[",
        "{\"names\": null}",
        "{\"names\": [null]}",
        "{\"names\": [\"\"]}",
        "{\"name\": null, \"new_name\": null}",
        "{\"name\": 1, \"version\": []}",
        "{\"name\": \"\\ud800\"}",
        "{\"a\": 1, \"a\": 2}",
        "{\"add\": [null], \"remove\": [null]}",
        "{\"run_id\": \"\\u0000\", \"experiment_id\": \"\\u0000\", \"key\": \"\\u0000\", \"value\": \"\\u0000\"}",
        "{\"experiment_id\": {}, \"run_id\": [], \"metrics\": [null], \"params\": [1], \"tags\": [{}]}",
        "{\"experiment_ids\": [null, 1, \"x\"], \"filter\": \"((((\", \"max_results\": -1, \"page_token\": \"!\"}",
        "{\"max_results\": 1e400, \"timestamp\": 1e99, \"step\": -9223372036854775809}",
        "{\"dataframe_split\": {\"columns\": [null], \"data\": [[{}]]}}",
        "{\"instances\": [[[[[1]]]]], \"inputs\": 1}",
        "{\"version\": -1, \"stage\": \"x\", \"plan\": {\"steps\": [null]}, \"alerts\": [null]}",
        "{\"params\": {\"x\": null}, \"reason\": 1}",
        "a,b\n1\n",
        "\"",
    ];

    private static readonly string[] Fields =
    [
        "name",
        "new_name",
        "names",
        "key",
        "value",
        "run_id",
        "run_ids",
        "run_uuid",
        "experiment_id",
        "experiment_ids",
        "experiment_name",
        "version",
        "stage",
        "alias",
        "path",
        "filter",
        "filter_string",
        "order_by",
        "max_results",
        "page_token",
        "metric_key",
        "metrics",
        "params",
        "tags",
        "datasets",
        "model_id",
        "source",
        "parent",
        "branch",
        "digest",
        "from",
        "to",
        "prefix",
        "expected",
        "move",
        "tag",
        "file",
        "timestamp",
        "step",
        "upload_id",
        "num_parts",
        "parts",
        "hours",
        "plan",
        "alerts",
        "role",
        "member",
    ];

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task No_request_to_any_route_fails_the_host_or_keeps_it_busy()
    {
        var random = new Random(20261201);
        var requests = new List<(string Method, string Path, byte[]? Body, string Type)>();
        foreach (
            var route in api.Routes.Where(r => r.RoutePattern.RawText!.TrimStart('/').StartsWith("w/{workspace}", StringComparison.Ordinal))
        )
        {
            var methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"];
            foreach (var method in methods)
            {
                for (var i = 0; i < (route.RoutePattern.RawText!.Contains("ajax-api", StringComparison.Ordinal) ? 1 : Rounds); i++)
                {
                    var path = PathOf(route.RoutePattern, random) + Query(random);
                    var hasBody = method is "POST" or "PUT" or "PATCH";
                    requests.Add((method, path, hasBody ? Body(random) : null, random.Next(8) == 0 ? "text/csv" : "application/json"));
                }
            }
        }

        Assert.True(requests.Count > 500, $"only {requests.Count} requests");
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (r, stop) =>
            {
                var clock = Stopwatch.StartNew();
                using var request = new HttpRequestMessage(new HttpMethod(r.Method), new Uri(r.Path, UriKind.Relative));
                if (r.Body is { } body)
                {
                    request.Content = new ByteArrayContent(body);
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(r.Type);
                }

                using var answer = await client.SendAsync(request, stop);
                var text = await answer.Content.ReadAsStringAsync(stop);
                // 501 is a plain answer: this host runs no pipelines.
                if ((int)answer.StatusCode is 500 or > 501 || clock.Elapsed > TimeSpan.FromSeconds(5))
                {
                    wrong.Enqueue(
                        $"{(int)answer.StatusCode} after {clock.Elapsed.TotalSeconds:0.0} s: {r.Method} {Short(r.Path)} "
                            + $"{Short(r.Body is null ? "" : Encoding.UTF8.GetString(r.Body))} -> {Short(text)}"
                    );
                }
            }
        );

        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {requests.Count}:\n{string.Join('\n', wrong.Take(40))}");
        GC.Collect();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 200 << 20);
    }

    public static TheoryData<string, string, string, int> Instances =>
        new()
        {
            { "POST", "api/2.0/data/objects/exists", "{}", 400 },
            { "POST", "api/2.0/data/objects/links", "{}", 400 },
            { "POST", "api/2.0/data/objects/move", "{}", 400 },
            { "POST", "api/2.0/data/objects/move", "{\"name\": \"trash/x/files/md5/00/000000000000000000000000000000\"}", 400 },
            { "PUT", "api/2.0/data/objects/", "", 400 },
            { "DELETE", "api/2.0/data/objects/", "", 400 },
            { "GET", "api/2.0/data/datasets/d/versions/1/files/", "", 404 },
            { "GET", "api/2.0/data/datasets/d/versions/1/link/", "", 400 },
            { "GET", "api/2.0/mlflow/experiments/get?experiment_id=%00", "", 400 },
            { "GET", "api/2.0/mlflow/artifacts/list?run_id=%EF%BF%BF", "", 400 },
            { "GET", "api/2.0/mlflow/runs/get?run_id=" + new string('x', 5000), "", 400 },
            {
                "POST",
                "api/2.0/mlflow/runs/log-metric",
                "{\"run_id\": \"" + new string('x', 70_000) + "\", \"key\": \"a\", \"value\": 1, \"timestamp\": 1}",
                400
            },
            { "POST", "api/2.0/mlflow/experiments/create", "{\"name\": \"\\ud800\"}", 400 },
        };

    [Theory]
    [MemberData(nameof(Instances))]
    public async Task What_failed_the_host_once_is_a_plain_refusal(string method, string path, string body, int status)
    {
        var clock = Stopwatch.StartNew();

        using var answer = await SendAsync(method, path, Encoding.UTF8.GetBytes(body));

        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var answer = await SendAsync("POST", "api/2.0/mlflow/experiments/create", [.. "{\"name\": \""u8, 0xff, 0xfe, .. "\"}"u8]);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("not UTF-8", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_token_of_half_a_character_names_nobody()
    {
        var claims = Convert.ToBase64String("{\"sub\": \"\\ud800\"}"u8).TrimEnd('=');
        using var request = new HttpRequestMessage(HttpMethod.Get, $"w/{workspace}/api/2.0/mlflow/experiments/get?experiment_id=0");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer a.{claims}.b");

        using var answer = await client.SendAsync(request);

        Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode}");
    }

    [Fact]
    public async Task A_deleted_experiment_is_not_renamed()
    {
        using var made = await SendAsync("POST", "api/2.0/mlflow/experiments/create", "{\"name\": \"e\"}"u8.ToArray());
        var id = System.Text.Json.Nodes.JsonNode.Parse(await made.Content.ReadAsStringAsync())!["experiment_id"]!.ToString();
        (
            await SendAsync("POST", "api/2.0/mlflow/experiments/delete", Encoding.UTF8.GetBytes($"{{\"experiment_id\": \"{id}\"}}"))
        ).Dispose();

        using var answer = await SendAsync(
            "POST",
            "api/2.0/mlflow/experiments/update",
            Encoding.UTF8.GetBytes($"{{\"experiment_id\": \"{id}\", \"new_name\": \"f\"}}")
        );

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("api/2.0/mlflow/runs/search", "32 MiB")]
    [InlineData("api/2.0/data/objects/exists", "32 MiB")]
    [InlineData("api/2.0/policies/m/train", "1 MiB")]
    [InlineData("models/m/rollout", "64 KiB")]
    [InlineData("models/m/feedback", "64 MiB")]
    public async Task A_body_that_unpacks_to_more_than_its_limit_is_refused(string path, string limit)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var spaces = new byte[1 << 20];
            for (var i = 0; i < 70; i++)
            {
                await gzip.WriteAsync(spaces);
            }
        }

        using var answer = await SendAsync("POST", path, packed.ToArray(), "gzip");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains($"larger than {limit}, unpacked", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("br", 415)]
    [InlineData("rubbish", 415)]
    [InlineData("gzip, gzip", 415)]
    [InlineData("gzip", 400)]
    [InlineData("deflate", 400)]
    public async Task Encodings_that_nobody_can_read_are_refused_on_every_protocol(string encoding, int status)
    {
        foreach (
            var path in (string[])
                ["api/2.0/mlflow/runs/search", "api/2.0/data/objects/exists", "models/m/rollout", "models/m/feedback", "hooks/github"]
        )
        {
            using var answer = await SendAsync("POST", path, "this is neither"u8.ToArray(), encoding);

            Assert.True(status == (int)answer.StatusCode, $"{path}: {(int)answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Json_of_too_many_values_is_refused()
    {
        var body = Encoding.UTF8.GetBytes("{\"experiment_ids\": [" + string.Join(',', Enumerable.Repeat("1", 1_000_001)) + "]}");

        using var answer = await SendAsync("POST", "api/2.0/mlflow/runs/search", body);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("more than 1000000 values", await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Bodies of files go to the store as they come; every other body is read in one place.</summary>
    [Fact]
    public void Only_one_place_reads_bodies_into_memory()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Serverless.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        var readers = Directory
            .EnumerateFiles(Path.Combine(root, "src", "Serverless.Api"), "*.cs", SearchOption.AllDirectories)
            .Where(f => File.ReadAllText(f).Contains("Request.Body", StringComparison.OrdinalIgnoreCase))
            .Select(Path.GetFileName)
            .Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "ArtifactTransfers.cs",
                "MultipartEndpoints.cs",
                "ObjectEndpoints.cs",
                "PolicyEndpoints.cs",
                "RequestBody.cs",
                "VersionEndpoints.cs",
            ],
            readers
        );
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, byte[] body, string? encoding = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), $"w/{workspace}/{path}");
        if (method != "GET")
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (encoding is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
            }
        }

        return client.SendAsync(request);
    }

    private string PathOf(RoutePattern pattern, Random random) =>
        string.Join(
            '/',
            pattern.PathSegments.Select(segment =>
                string.Concat(
                    segment.Parts.Select(part =>
                        part switch
                        {
                            RoutePatternLiteralPart literal => literal.Content,
                            RoutePatternParameterPart { Name: "workspace" } => workspace,
                            RoutePatternParameterPart { IsCatchAll: true } => random.Next(4) == 0 ? "" : Id(random) + "/" + Id(random),
                            RoutePatternParameterPart { ParameterPolicies.Count: > 0 } => random
                                .Next(3)
                                .ToString(System.Globalization.CultureInfo.InvariantCulture),
                            _ => Id(random),
                        }
                    )
                )
            )
        );

    private static string Id(Random random) => Uri.EscapeDataString(Ids[random.Next(Ids.Length)]);

    private static string Query(Random random) =>
        random.Next(2) == 0
            ? ""
            : "?"
                + string.Join(
                    '&',
                    Enumerable.Range(0, 1 + random.Next(4)).Select(_ => $"{Fields[random.Next(Fields.Length)]}={Id(random)}")
                );

    private static byte[] Body(Random random)
    {
        if (random.Next(2) == 0)
        {
            return Encoding.UTF8.GetBytes(Bodies[random.Next(Bodies.Length)]);
        }

        if (random.Next(10) == 0)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            return bytes;
        }

        // The right names with wrong values reach further than rubbish.
        var fields = Enumerable.Range(0, 1 + random.Next(8)).Select(_ => $"\"{Fields[random.Next(Fields.Length)]}\": {Value(random, 3)}");
        return Encoding.UTF8.GetBytes("{" + string.Join(", ", fields) + "}");
    }

    private static string Value(Random random, int depth) =>
        random.Next(depth > 0 ? 8 : 6) switch
        {
            0 => "null",
            1 => random.Next(2) == 0 ? "true" : "-1",
            2 => "1e308",
            3 => random.NextInt64(long.MinValue, long.MaxValue).ToString(System.Globalization.CultureInfo.InvariantCulture),
            4 or 5 => System.Text.Json.JsonSerializer.Serialize(Ids[random.Next(Ids.Length)]),
            6 => "[" + string.Join(", ", Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1))) + "]",
            _ => $"{{\"{Fields[random.Next(Fields.Length)]}\": {Value(random, depth - 1)}}}",
        };

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
