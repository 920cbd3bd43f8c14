using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core;

namespace Serverless.Api.Tests;

/// <summary>What MLflow's clients send and its server takes, of which public reports told that others do not.</summary>
public sealed class ClientFaultTests(ApiFixture api)
{
    private readonly ApiClient client = api.Client();

    [Fact]
    public async Task Ids_versions_and_enums_may_be_numbers()
    {
        var run = await CreateRunAsync(new JsonObject { ["experiment_id"] = 0 });
        await client.PostAsync("runs/update", new JsonObject { ["run_id"] = run, ["status"] = 3 });
        var found = await client.PostAsync("runs/search", new JsonObject { ["experiment_ids"] = new JsonArray(0), ["run_view_type"] = 1 });
        Assert.Equal("FINISHED", (string?)found["runs"]![0]!["info"]!["status"]);
        Assert.NotEmpty(
            (await client.PostAsync("experiments/search", new JsonObject { ["view_type"] = 1, ["max_results"] = 5 }))[
                "experiments"
            ]!.AsArray()
        );

        await client.PostAsync("registered-models/create", new JsonObject { ["name"] = "m" });
        await client.PostAsync("model-versions/create", new JsonObject { ["name"] = "m", ["source"] = "s3://b/p" });
        await client.PostAsync(
            "registered-models/alias",
            new JsonObject
            {
                ["name"] = "m",
                ["alias"] = "a",
                ["version"] = 1,
            }
        );
        var version = await client.GetAsync("registered-models/alias", "name", "m", "alias", "a");
        Assert.Equal("1", (string?)version["model_version"]!["version"]);
    }

    [Fact]
    public async Task A_run_needs_its_experiment_and_may_begin_with_tags_of_any_name()
    {
        var message = await client.InvalidAsync(HttpMethod.Post, "runs/create", []);
        Assert.StartsWith("Missing value for required parameter 'experiment_id'.", message, StringComparison.Ordinal);

        var run = await CreateRunAsync(
            new JsonObject { ["experiment_id"] = "0", ["tags"] = new JsonArray(new JsonObject { ["key"] = "a,b*ü", ["value"] = "v" }) }
        );

        Assert.Equal("v", await TagAsync(run, "a,b*ü"));
    }

    [Fact]
    public async Task An_empty_name_leaves_a_run_its_name()
    {
        var run = await CreateRunAsync(new JsonObject { ["experiment_id"] = "0", ["run_name"] = "mine" });

        await client.PostAsync(
            "runs/set-tag",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "mlflow.runName",
                ["value"] = "",
            }
        );

        Assert.Equal("mine", (string?)(await client.GetAsync("runs/get", "run_id", run))["run"]!["info"]!["run_name"]);
        Assert.Equal("mine", await TagAsync(run, "mlflow.runName"));
    }

    [Theory]
    [InlineData("true", 1.0)]
    [InlineData("false", 0.0)]
    [InlineData("Infinity", 1.7976931348623157e308)]
    [InlineData("-Infinity", -1.7976931348623157e308)]
    [InlineData("NaN", double.NaN)]
    public async Task Values_as_Python_writes_them_are_numbers(string value, double expected)
    {
        var run = await CreateRunAsync(new JsonObject { ["experiment_id"] = "0", ["run_name"] = "\"NaN\\" });
        var metric = $$"""{"key": "k", "value": {{value}}, "timestamp": 1, "step": 0}""";
        await SendTextAsync("runs/log-metric", metric.Insert(1, $"\"run_id\": \"{run}\", "));
        await SendTextAsync("runs/log-batch", $$"""{"run_id": "{{run}}", "metrics": [{{metric.Replace("\"k\"", "\"NaN\"")}}]}""");

        var metrics = (await client.GetAsync("runs/get", "run_id", run))["run"]!["data"]!["metrics"]!.AsArray();

        Assert.Equal(["NaN", "k"], metrics.Select(m => (string?)m!["key"]).Order(StringComparer.Ordinal));
        Assert.All(
            metrics,
            m => Assert.Equal(expected, double.Parse(m!["value"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture))
        );
    }

    [Fact]
    public async Task An_experiments_tag_is_deleted_once()
    {
        var experiment = new JsonObject
        {
            ["experiment_id"] = 0,
            ["key"] = "k",
            ["value"] = "v",
        };
        await client.PostAsync("experiments/set-experiment-tag", experiment);
        var tag = new JsonObject { ["experiment_id"] = "0", ["key"] = "k" };

        await client.PostAsync("experiments/delete-experiment-tag", tag);

        Assert.Null((await client.GetAsync("experiments/get", "experiment_id", "0"))["experiment"]!["tags"]);
        var message = await client.MissingAsync(HttpMethod.Post, "experiments/delete-experiment-tag", tag);
        Assert.Equal("No tag with name: k in experiment with id 0", message);
    }

    [Fact]
    public async Task The_newest_version_of_a_prompt_is_read_by_the_alias_latest()
    {
        var tags = new JsonArray(new JsonObject { ["key"] = "mlflow.prompt.is_prompt", ["value"] = "true" });
        await client.PostAsync("registered-models/create", new JsonObject { ["name"] = "p", ["tags"] = tags });
        await client.MissingAsync(HttpMethod.Get, "registered-models/alias?name=p&alias=latest", null);
        foreach (var source in (string[])["one", "two"])
        {
            await client.PostAsync(
                "model-versions/create",
                new JsonObject
                {
                    ["name"] = "p",
                    ["source"] = source,
                    ["tags"] = tags.DeepClone(),
                }
            );
        }

        var newest = await client.GetAsync("registered-models/alias", "name", "p", "alias", "latest");

        Assert.Equal("2", (string?)newest["model_version"]!["version"]);
    }

    [Theory]
    [InlineData("GET", "runs/create", 405, "POST")]
    [InlineData("DELETE", "experiments/search", 405, "GET, POST")]
    [InlineData("GET", "no/such", 404, null)]
    [InlineData("GET", "../../../nowhere", 404, null)]
    public async Task What_is_not_there_is_told_in_JSON_with_what_would_be(string method, string path, int status, string? allowed)
    {
        using var response = await client.RawAsync(new HttpMethod(method), path, null);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(allowed, response.Content.Headers.Allow.Count == 0 ? null : string.Join(", ", response.Content.Headers.Allow));
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(status == 404 ? "ENDPOINT_NOT_FOUND" : ErrorCodes.BadRequest, (string?)error["error_code"]);
    }

    [Fact]
    public async Task Traces_are_looked_for_in_vain_and_refused_without_a_retry()
    {
        const string New = "../../3.0/mlflow/";
        Assert.Empty(await client.GetAsync("traces", "experiment_ids", "0"));
        Assert.Empty(await client.PostAsync(New + "traces/search", new JsonObject { ["locations"] = new JsonArray(new JsonObject()) }));
        Assert.Equal(
            0,
            (int?)(await client.PostAsync("traces/delete-traces", new JsonObject { ["experiment_id"] = "0" }))["traces_deleted"]
        );
        Assert.Equal("Trace with ID tr-1 is not found.", await client.MissingAsync(HttpMethod.Get, New + "traces/tr-1", null));
        Assert.Equal("Trace with ID tr-1 is not found.", await client.MissingAsync(HttpMethod.Get, "traces/tr-1/info", null));
        var tag = new JsonObject { ["key"] = "a*", ["value"] = "v" };
        await client.InvalidAsync(HttpMethod.Patch, "traces/tr-1/tags", tag);
        tag["key"] = "a";
        await client.MissingAsync(HttpMethod.Patch, New + "traces/tr-1/tags", tag);

        await client.FailAsync(HttpMethod.Post, New + "traces", [], HttpStatusCode.NotImplemented, ErrorCodes.NotImplemented);
    }

    private async Task<string> CreateRunAsync(JsonObject body) =>
        (string)(await client.PostAsync("runs/create", body))["run"]!["info"]!["run_id"]!;

    private async Task<string?> TagAsync(string run, string key) =>
        (string?)
            (await client.GetAsync("runs/get", "run_id", run))["run"]!["data"]!["tags"]!.AsArray().Single(t => (string?)t!["key"] == key)![
                "value"
            ];

    private async Task SendTextAsync(string path, string json)
    {
        using var http = new HttpClient();
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(client.Root, "api/2.0/mlflow/" + path), content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
