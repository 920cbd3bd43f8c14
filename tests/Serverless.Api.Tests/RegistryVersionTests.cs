using System.Net;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Tracking.Experiments;
using Serverless.Tracking.Runs;
using static Serverless.Api.Tests.RegistryClient;

namespace Serverless.Api.Tests;

public sealed class RegistryVersionTests(ApiFixture api)
{
    [Fact]
    public async Task A_version_is_ready_at_once_with_all_that_was_given()
    {
        var client = api.Client();
        await client.CreateModelAsync("m");
        await client.PostAsync(
            "model-versions/create",
            new JsonObject
            {
                ["name"] = "m",
                ["source"] = "runs:/0123/model",
                ["run_id"] = "0123",
                ["run_link"] = "http://here/run",
                ["description"] = "first",
                ["tags"] = new JsonArray(Of(("key", "a"), ("value", "1"))),
            }
        );

        var version = await client.GetVersionAsync("m", 1);

        Assert.Equal(
            ("1", "None", "READY", "runs:/0123/model", "0123", "http://here/run", "first", "1"),
            (
                (string?)version["version"],
                (string?)version["current_stage"],
                (string?)version["status"],
                (string?)version["source"],
                (string?)version["run_id"],
                (string?)version["run_link"],
                (string?)version["description"],
                (string?)version["tags"]![0]!["value"]
            )
        );
        Assert.Equal(
            "Registered Model with name=x not found",
            await client.MissingAsync(HttpMethod.Post, "model-versions/create", Of(("name", "x"), ("source", "s3://b/m")))
        );
        Assert.Equal(
            "Parameter 'version' must be an integer, got 'one'.",
            await client.InvalidAsync(HttpMethod.Get, "model-versions/get?name=m&version=one", null)
        );
        Assert.Equal(
            "Model Version (name=m, version=99999999999999999999) not found",
            await client.MissingAsync(HttpMethod.Get, "model-versions/get?name=m&version=99999999999999999999", null)
        );
    }

    [Fact]
    public async Task A_number_is_never_used_twice()
    {
        var client = api.Client();
        await client.CreateModelAsync("m");
        await client.CreateVersionAsync("m");
        await client.CreateVersionAsync("m");
        await client.DeleteAsync("model-versions/delete", Of(("name", "m"), ("version", "2")));

        Assert.Equal("3", (string?)(await client.CreateVersionAsync("m"))["version"]);
        await client.MissingAsync(HttpMethod.Delete, "model-versions/delete", Of(("name", "m"), ("version", "2")));
        Assert.Equal(["m/3", "m/1"], await client.SearchAsync("model-versions", "name='m'"));
    }

    [Fact]
    public async Task Writers_of_two_hosts_get_numbers_of_their_own_and_lose_nothing()
    {
        var workspace = ApiFixture.NewWorkspace();
        ApiClient[] clients = [api.Client(workspace), api.Client(workspace, host: 1)];
        await clients[0].CreateModelAsync("m");
        await clients[0].CreateVersionAsync("m");

        var made = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => clients[i % 2].CreateVersionAsync("m")));
        await Task.WhenAll(
            Enumerable
                .Range(0, 24)
                .Select(i =>
                    clients[i % 2]
                        .PostAsync(
                            i % 4 < 2 ? "registered-models/set-tag" : "model-versions/set-tag",
                            Of(("name", "m"), ("version", "1"), ("key", $"k{i}"), ("value", $"{i}"))
                        )
                )
        );

        Assert.Equal(
            Enumerable.Range(2, 24),
            made.Select(v => int.Parse((string)v["version"]!, System.Globalization.CultureInfo.InvariantCulture)).Order()
        );
        foreach (var client in clients)
        {
            Assert.Equal(25, (await client.SearchAsync("model-versions", "name='m'")).Count);
            Assert.Equal(12, (await client.GetModelAsync("m"))["tags"]!.AsArray().Count);
            Assert.Equal(12, (await client.GetVersionAsync("m", 1))["tags"]!.AsArray().Count);
        }
    }

    [Theory]
    [InlineData("mlflow-artifacts:/models", true)]
    [InlineData("mlflow-artifacts:/models///", true)]
    [InlineData("mlflow-artifacts:/models/foo///bar", true)]
    [InlineData("mlflow-artifacts://host:9000/models", true)]
    [InlineData("mlflow-artifacts://host:9000/models/artifact/..../", true)]
    [InlineData("runs:/id/model", true)]
    [InlineData("dbfs:/a/b+c", true)]
    [InlineData("mlflow-artifacts://host:9000/models/../../../", false)]
    [InlineData("http://host:9000/models/../../../", false)]
    [InlineData("https://host/api/2.0/mlflow-artifacts/artifacts/../../../", false)]
    [InlineData("s3a://my_bucket/api/2.0/mlflow-artifacts/artifacts/../../../", false)]
    [InlineData("ftp://host:8888/api/2.0/mlflow-artifacts/artifacts/../../../", false)]
    [InlineData("mlflow-artifacts://host:9000/models/..%2f..%2fartifacts", false)]
    [InlineData("mlflow-artifacts://host:9000/models/%252e%252e/artifacts", false)]
    [InlineData("mlflow-artifacts://host:9000/models/artifact%00", false)]
    [InlineData("dbfs:/run/artifacts/a%3f/../../../../../../../../../../", false)]
    [InlineData("s3://bucket", false)]
    [InlineData("s3://bucket/a/./b", false)]
    [InlineData("/etc", false)]
    [InlineData("file:///etc", false)]
    [InlineData("file://remote/share", false)]
    [InlineData("relative/path", false)]
    [InlineData("", false)]
    public async Task A_source_that_leads_astray_is_refused(string source, bool isTaken)
    {
        var client = api.Client();
        await client.CreateModelAsync("m");

        if (isTaken)
        {
            Assert.Equal(source, (string?)(await client.CreateVersionAsync("m", source))["source"]);
        }
        else
        {
            await client.InvalidAsync(HttpMethod.Post, "model-versions/create", Of(("name", "m"), ("source", source)));
        }
    }

    [Fact]
    public async Task A_local_source_must_lie_in_the_artifacts_of_its_run()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await client.CreateModelAsync("m");
        var run = await api.Services(workspace)
            .Runs.CreateAsync(
                new Run
                {
                    Id = Ids.NewId(),
                    ExperimentId = Experiment.DefaultId,
                    Name = "r",
                    ArtifactUri = "file:///data/run%201/artifacts",
                }
            );

        async Task<HttpStatusCode> TryAsync(string source, string runId) =>
            (
                await client.SendAsync(HttpMethod.Post, "model-versions/create", Of(("name", "m"), ("source", source), ("run_id", runId)))
            ).Status;

        Assert.Equal(HttpStatusCode.OK, await TryAsync("file:///data/run%201/artifacts/model", run.Id));
        Assert.Equal(HttpStatusCode.OK, await TryAsync("/data/run 1/artifacts/model/..", run.Id));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync("/data/run 1/artifacts/../other", run.Id));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync("/data/run 1/artifacts2", run.Id));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync("file:///data/run%201/artifacts/%2e%2e/other", run.Id));
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync("/data", Ids.NewId()));
    }

    [Fact]
    public async Task A_copy_leads_to_where_its_original_lies()
    {
        var client = api.Client();
        await client.CreateModelAsync("from");
        await client.CreateModelAsync("to");
        await client.CreateVersionAsync("from", "s3://bucket/a");
        await client.MoveAsync("from", 1, "Production");
        await client.PostAsync("registered-models/alias", Of(("name", "from"), ("alias", "best"), ("version", "1")));
        string[] sources = ["models:/from/1", "models:/to/1", "models:/from/production", "models:/from/latest", "models:/from@best"];
        foreach (var source in sources)
        {
            await client.CreateVersionAsync("to", source);
        }

        for (var i = 0; i < sources.Length; i++)
        {
            Assert.Equal(sources[i], (string?)(await client.GetVersionAsync("to", i + 1))["source"]);
            Assert.Equal(
                "s3://bucket/a",
                (string?)(await client.GetAsync("model-versions/get-download-uri", "name", "to", "version", $"{i + 1}"))["artifact_uri"]
            );
        }

        foreach (
            var source in (string[])
                [
                    "models:/from/2",
                    "models:/none/1",
                    "models:/from/Staging",
                    "models:/from/x",
                    "models:/from@x",
                    "models:/from",
                    "models:/a/b/c",
                ]
        )
        {
            Assert.Contains(
                "Unable to fetch model from model URI",
                await client.InvalidAsync(HttpMethod.Post, "model-versions/create", Of(("name", "to"), ("source", source))),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task An_alias_leads_to_one_version_and_goes_with_it()
    {
        var client = api.Client();
        await client.CreateModelAsync("m");
        await client.CreateVersionAsync("m");
        await client.CreateVersionAsync("m");
        await client.PostAsync("registered-models/alias", Of(("name", "m"), ("alias", "best"), ("version", "1")));
        await client.PostAsync("registered-models/alias", Of(("name", "m"), ("alias", "Best"), ("version", "1")));
        await client.PostAsync("registered-models/alias", Of(("name", "m"), ("alias", "best"), ("version", "2")));

        Assert.Equal(
            "2",
            (string?)(await client.GetAsync("registered-models/alias", "name", "m", "alias", "best"))["model_version"]!["version"]
        );
        Assert.Equal("Best", (string?)Assert.Single((await client.GetVersionAsync("m", 1))["aliases"]!.AsArray()));
        await client.DeleteAsync("model-versions/delete", Of(("name", "m"), ("version", "2")));
        await client.InvalidAsync(HttpMethod.Get, "registered-models/alias?name=m&alias=best", null);
        Assert.Single((await client.GetModelAsync("m"))["aliases"]!.AsArray());
        await client.DeleteAsync("registered-models/alias", Of(("name", "m"), ("alias", "Best")));
        await client.DeleteAsync("registered-models/alias", Of(("name", "m"), ("alias", "Best")));
        Assert.Null((await client.GetModelAsync("m"))["aliases"]);
    }

    [Theory]
    [InlineData("LaTest", "reserved")]
    [InlineData("v12", "reserved")]
    [InlineData("V1", "reserved")]
    [InlineData("a b", "Invalid alias name")]
    [InlineData("a/b", "Invalid alias name")]
    [InlineData("", "Missing value")]
    public async Task An_alias_that_could_mean_something_else_is_refused(string alias, string why)
    {
        var client = api.Client();
        await client.CreateModelAsync("m");
        await client.CreateVersionAsync("m");

        Assert.Contains(
            why,
            await client.InvalidAsync(HttpMethod.Post, "registered-models/alias", Of(("name", "m"), ("alias", alias), ("version", "1"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_alias_needs_a_version_that_is_there()
    {
        var client = api.Client();
        await client.CreateModelAsync("m");

        Assert.Equal(
            "Model Version (name=m, version=1) not found",
            await client.MissingAsync(HttpMethod.Post, "registered-models/alias", Of(("name", "m"), ("alias", "best"), ("version", "1")))
        );
    }

    [Fact]
    public async Task Versions_are_found_by_what_they_are()
    {
        var client = api.Client();
        await client.CreateModelAsync("a");
        await client.CreateModelAsync("b");
        foreach (
            var (name, run, source) in (List<(string, string, string)>)
                [("a", "r1", "s3://x/1"), ("b", "r2", "s3://x/2"), ("a", "r2", "s3://x/1")]
        )
        {
            await client.PostAsync("model-versions/create", Of(("name", name), ("source", source), ("run_id", run)));
        }

        await client.PostAsync("model-versions/set-tag", Of(("name", "a"), ("version", "1"), ("key", "t"), ("value", "x")));
        await client.PostAsync("model-versions/set-tag", Of(("name", "a"), ("version", "2"), ("key", "t"), ("value", "y")));
        await client.DeleteAsync("model-versions/delete-tag", Of(("name", "a"), ("version", "2"), ("key", "t")));

        Assert.Equal(["a/2", "b/1", "a/1"], await client.SearchAsync("model-versions", "", "max_results", "2"));
        Assert.Equal(["a/2", "b/1"], await client.SearchAsync("model-versions", "run_id IN ('r2', 'R1')"));
        Assert.Equal(["a/2", "a/1"], await client.SearchAsync("model-versions", "source_path = 's3://x/1'"));
        Assert.Equal(["a/2"], await client.SearchAsync("model-versions", "version_number > 1"));
        Assert.Equal(["a/1"], await client.SearchAsync("model-versions", "tags.t LIKE '%'"));
        Assert.Equal(
            ["b/1", "a/2", "a/1"],
            await client.SearchAsync("model-versions", "", "order_by", "name DESC", "order_by", "version_number DESC")
        );
        Assert.Contains(
            "must be a positive integer",
            await client.InvalidAsync(HttpMethod.Get, "model-versions/search?max_results=0", null),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "at most 200000",
            await client.InvalidAsync(HttpMethod.Get, "model-versions/search?max_results=200001", null),
            StringComparison.Ordinal
        );
    }
}
