using System.Text.Json.Nodes;

namespace Serverless.Api.Tests;

/// <summary>What MLflow 3's client asks for: logged models, and what runs made and used.</summary>
public sealed class LoggedModelTests(ApiFixture api)
{
    [Fact]
    public async Task A_model_is_created_finalized_tagged_and_deleted()
    {
        var client = api.Client();
        var run = await RunAsync(client);
        var model = await CreateAsync(
            client,
            "classifier",
            new JsonObject
            {
                ["model_type"] = "Agent",
                ["source_run_id"] = run,
                ["params"] = Pairs(("lr", "0.1")),
                ["tags"] = Pairs(("team", "churn")),
            }
        );
        var id = (string)model["info"]!["model_id"]!;
        Assert.Matches("^m-[0-9a-f]{32}$", id);
        Assert.Equal(
            ("classifier", "LOGGED_MODEL_PENDING", "Agent", run, $"mlflow-artifacts:/0/models/{id}/artifacts"),
            (
                (string?)model["info"]!["name"],
                (string?)model["info"]!["status"],
                (string?)model["info"]!["model_type"],
                (string?)model["info"]!["source_run_id"],
                (string?)model["info"]!["artifact_uri"]
            )
        );

        foreach (
            var (given, expected) in ((JsonNode, string)[])[("LOGGED_MODEL_READY", "LOGGED_MODEL_READY"), (3, "LOGGED_MODEL_UPLOAD_FAILED")]
        )
        {
            var ended = (await client.PatchAsync($"logged-models/{id}", new JsonObject { ["model_id"] = id, ["status"] = given }))[
                "model"
            ]!;
            Assert.Equal(expected, (string?)ended["info"]!["status"]);
        }

        await client.PatchAsync($"logged-models/{id}/tags", new JsonObject { ["tags"] = Pairs(("team", "other"), ("a/b", "1")) });
        await client.DeleteAsync($"logged-models/{id}/tags/a%2Fb", []);
        await client.MissingAsync(HttpMethod.Delete, $"logged-models/{id}/tags/none", []);
        await client.PostAsync($"logged-models/{id}/params", new JsonObject { ["params"] = Pairs(("lr", "0.1"), ("depth", "3")) });
        await client.InvalidAsync(HttpMethod.Post, $"logged-models/{id}/params", new JsonObject { ["params"] = Pairs(("lr", "0.2")) });
        var there = (await client.GetAsync($"logged-models/{id}"))["model"]!;
        Assert.Equal("""[{"key":"team","value":"other"}]""", there["info"]!["tags"]!.ToJsonString());
        Assert.Equal("""[{"key":"lr","value":"0.1"},{"key":"depth","value":"3"}]""", there["data"]!["params"]!.ToJsonString());

        await client.DeleteAsync($"logged-models/{id}", []);
        Assert.Equal($"Logged model with ID '{id}' not found.", await client.MissingAsync(HttpMethod.Get, $"logged-models/{id}", null));
        await client.GetAsync($"logged-models/{id}", "allow_deleted", "true");
        Assert.Empty(await SearchAsync(client, ""));
    }

    [Fact]
    public async Task Bad_names_statuses_and_ids_are_refused()
    {
        var client = api.Client();
        await client.InvalidAsync(HttpMethod.Post, "logged-models", new JsonObject { ["experiment_id"] = "0", ["name"] = "a/b" });
        await client.InvalidAsync(HttpMethod.Post, "logged-models", new JsonObject { ["name"] = "a" });
        await client.MissingAsync(HttpMethod.Post, "logged-models", new JsonObject { ["experiment_id"] = "99" });
        await client.MissingAsync(HttpMethod.Get, "logged-models/none", null);
        var id = (string)(await CreateAsync(client, null))["info"]!["model_id"]!;
        await client.InvalidAsync(HttpMethod.Patch, $"logged-models/{id}", new JsonObject { ["status"] = "BEST" });
        await client.InvalidAsync(HttpMethod.Patch, $"logged-models/{id}", []);
        await client.MissingAsync(HttpMethod.Patch, "logged-models/m-0123", new JsonObject { ["status"] = 2 });
    }

    [Fact]
    public async Task Runs_say_which_models_they_made_and_used()
    {
        var client = api.Client();
        var run = await RunAsync(client);
        var id = (string)(await CreateAsync(client, "m"))["info"]!["model_id"]!;
        for (var again = 0; again < 2; again++)
        {
            await client.PostAsync(
                "runs/outputs",
                new JsonObject { ["run_id"] = run, ["models"] = new JsonArray(new JsonObject { ["model_id"] = id, ["step"] = 3 }) }
            );
            await client.PostAsync(
                "runs/log-inputs",
                new JsonObject { ["run_id"] = run, ["models"] = new JsonArray(new JsonObject { ["model_id"] = id }) }
            );
        }

        var got = (await client.GetAsync("runs/get", "run_id", run))["run"]!;
        Assert.Equal($$"""{"model_inputs":[{"model_id":"{{id}}"}]}""", got["inputs"]!.ToJsonString());
        Assert.Equal($$"""{"model_outputs":[{"model_id":"{{id}}","step":3}]}""", got["outputs"]!.ToJsonString());
        await client.InvalidAsync(HttpMethod.Post, "runs/log-inputs", new JsonObject { ["run_id"] = run });
        await client.InvalidAsync(HttpMethod.Post, "runs/outputs", new JsonObject { ["run_id"] = run });
        await client.InvalidAsync(
            HttpMethod.Post,
            "runs/outputs",
            new JsonObject { ["run_id"] = run, ["models"] = new JsonArray(new JsonObject { ["step"] = 1 }) }
        );
    }

    [Fact]
    public async Task Metrics_are_the_models_too_and_each_point_counts_once()
    {
        var client = api.Client();
        var run = await RunAsync(client);
        var id = (string)(await CreateAsync(client, "m"))["info"]!["model_id"]!;
        var metric = new JsonObject
        {
            ["run_id"] = run,
            ["key"] = "auc",
            ["value"] = 0.9,
            ["timestamp"] = 5,
            ["step"] = 1,
            ["model_id"] = id,
            ["dataset_name"] = "test",
            ["dataset_digest"] = "d1",
        };
        await client.PostAsync("runs/log-metric", metric);
        await client.PostAsync("runs/log-metric", metric.DeepClone().AsObject());
        await client.PostAsync(
            "runs/log-batch",
            new JsonObject
            {
                ["run_id"] = run,
                ["metrics"] = new JsonArray(
                    new JsonObject
                    {
                        ["key"] = "f1",
                        ["value"] = 0.5,
                        ["timestamp"] = 6,
                        ["step"] = 1,
                        ["model_id"] = id,
                    },
                    new JsonObject
                    {
                        ["key"] = "other",
                        ["value"] = 0.5,
                        ["timestamp"] = 6,
                    }
                ),
            }
        );
        await client.MissingAsync(
            HttpMethod.Post,
            "runs/log-metric",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "never",
                ["value"] = 1,
                ["timestamp"] = 1,
                ["model_id"] = "m-" + new string('0', 32),
            }
        );

        var metrics = (await client.GetAsync($"logged-models/{id}"))["model"]!["data"]!["metrics"]!.AsArray();
        Assert.Equal(
            """{"key":"auc","value":0.9,"timestamp":5,"step":1,"dataset_name":"test","dataset_"""
                + $$"""digest":"d1","model_id":"{{id}}","run_id":"{{run}}"}""",
            metrics[0]!.ToJsonString()
        );
        Assert.Equal(["auc", "f1"], metrics.Select(m => (string)m!["key"]!));
        Assert.Equal(
            ["auc", "f1", "other"],
            (await client.GetAsync("runs/get", "run_id", run))["run"]!["data"]!["metrics"]!
                .AsArray()
                .Select(m => (string)m!["key"]!)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_search_filters_orders_and_turns_pages()
    {
        var client = api.Client();
        var run = await RunAsync(client);
        foreach (var (name, auc, dataset) in ((string, double?, string)[])[("a", 0.7, "train"), ("b", 0.9, "test"), ("c", null, "")])
        {
            var id = (string)
                (
                    await CreateAsync(
                        client,
                        name,
                        new JsonObject
                        {
                            ["params"] = Pairs(("lr", name)),
                            ["tags"] = Pairs(("t", "x" + name)),
                            ["model_type"] = name == "c" ? "Agent" : null,
                        }
                    )
                )["info"]!["model_id"]!;
            if (auc is not null)
            {
                await client.PostAsync(
                    "runs/log-metric",
                    new JsonObject
                    {
                        ["run_id"] = run,
                        ["key"] = "auc",
                        ["value"] = auc,
                        ["timestamp"] = 1,
                        ["model_id"] = id,
                        ["dataset_name"] = dataset,
                        ["dataset_digest"] = "1",
                    }
                );
            }
        }

        Assert.Equal(["c", "b", "a"], await SearchAsync(client, ""));
        foreach (
            var (filter, expected) in ((string, string[])[])
                [
                    ("name = 'b'", ["b"]),
                    ("metrics.auc > 0.8", ["b"]),
                    ("metrics.auc > 0.5 AND params.lr = 'a'", ["a"]),
                    ("tags.t LIKE 'x%' AND name != 'b'", ["c", "a"]),
                    ("attributes.model_type = 'Agent'", ["c"]),
                    ("name IN ('a', 'c')", ["c", "a"]),
                    ("name IN ('b',)", ["b"]),
                    ("params.`lr` ILIKE 'C'", ["c"]),
                    ("creation_time > 0", ["c", "b", "a"]),
                    ("creation_timestamp < 10", []),
                    ("name NOT IN ('a')", ["c", "b"]),
                ]
        )
        {
            Assert.Equal(expected, await SearchAsync(client, filter));
        }

        Assert.Equal(["b", "a", "c"], await SearchAsync(client, "", Order("metrics.auc", false)));
        Assert.Equal(["a", "b", "c"], await SearchAsync(client, "", Order("metrics.auc", true)));
        Assert.Equal(["a", "b", "c"], await SearchAsync(client, "", Order("name", true)));
        Assert.Equal(
            ["a"],
            await SearchAsync(client, "", new JsonObject { ["datasets"] = new JsonArray(new JsonObject { ["dataset_name"] = "train" }) })
        );
        Assert.Equal(
            [],
            await SearchAsync(
                client,
                "metrics.auc > 0.8",
                new JsonObject { ["datasets"] = new JsonArray(new JsonObject { ["dataset_name"] = "train", ["dataset_digest"] = "1" }) }
            )
        );
        Assert.Equal(["c", "b", "a"], await SearchAsync(client, "", new JsonObject { ["max_results"] = 1 }));

        Assert.Equal(
            "Invalid entity type: 'what'. Expected one of ['attributes', 'metrics', 'params', 'tags'].",
            await client.InvalidAsync(HttpMethod.Post, "logged-models/search", Search("what.x = 1"))
        );
        Assert.StartsWith(
            "Invalid comparison operator for params.lr: '>'",
            await client.InvalidAsync(HttpMethod.Post, "logged-models/search", Search("params.lr > 'x'"))
        );
        Assert.StartsWith(
            "Invalid filter string: \"name = 'a' OR name = 'b'\". Expected",
            await client.InvalidAsync(HttpMethod.Post, "logged-models/search", Search("name = 'a' OR name = 'b'"))
        );
        await client.InvalidAsync(HttpMethod.Post, "logged-models/search", Search("", Order("params.x", true)));
        await client.InvalidAsync(HttpMethod.Post, "logged-models/search", Search("", Order("none", true)));
        await client.InvalidAsync(HttpMethod.Post, "logged-models/search", []);
        var page = await client.PostAsync("logged-models/search", Search("", new JsonObject { ["max_results"] = 1 }));
        var token = (string)page["next_page_token"]!;
        var message = await client.InvalidAsync(
            HttpMethod.Post,
            "logged-models/search",
            Search("name = 'a'", new JsonObject { ["page_token"] = token })
        );
        Assert.Equal("Filter string in the page token does not match the requested filter string.", message);
        await client.InvalidAsync(HttpMethod.Post, "logged-models/search", Search("", new JsonObject { ["page_token"] = "eA==" }));
    }

    [Fact]
    public async Task Its_artifacts_are_listed_read_and_registered()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var model = await CreateAsync(client, "m", new JsonObject { ["source_run_id"] = await RunAsync(client) });
        var id = (string)model["info"]!["model_id"]!;
        var uri = (string)model["info"]!["artifact_uri"]!;
        await files.PutAsync($"0/models/{id}/artifacts/MLmodel", "flavors: {}");
        await files.PutAsync($"0/models/{id}/artifacts/data/w.bin", "123");

        var list = await client.GetAsync($"logged-models/{id}/artifacts/directories");
        Assert.Equal(uri, (string?)list["root_uri"]);
        Assert.Equal(["MLmodel 11", "data/"], ArtifactClient.Entries(list));
        Assert.Equal(
            ["data/w.bin 3"],
            ArtifactClient.Entries(await client.GetAsync($"logged-models/{id}/artifacts/directories", "artifact_directory_path", "data"))
        );
        using var file = await client.RawAsync(HttpMethod.Get, $"logged-models/{id}/artifacts/files?artifact_file_path=data/w.bin", null);
        Assert.Equal("123", await file.Content.ReadAsStringAsync());
        await client.InvalidAsync(HttpMethod.Get, $"logged-models/{id}/artifacts/directories?artifact_directory_path=../x", null);

        await client.CreateModelAsync("reg");
        var version = (
            await client.PostAsync(
                "model-versions/create",
                new JsonObject
                {
                    ["name"] = "reg",
                    ["source"] = $"models:/{id}",
                    ["model_id"] = id,
                }
            )
        )["model_version"]!;
        Assert.Equal((id, (string?)model["info"]!["source_run_id"]), ((string?)version["model_id"], (string?)version["run_id"]));
        Assert.Equal(
            uri,
            (string?)(await client.GetAsync("model-versions/get-download-uri", "name", "reg", "version", "1"))["artifact_uri"]
        );
        var tag = (await client.GetAsync($"logged-models/{id}"))["model"]!["info"]!["tags"]!
            .AsArray()
            .Single(t => (string?)t!["key"] == "mlflow.modelVersions")!;
        Assert.Equal("""[{"name":"reg","version":"1"}]""", (string?)tag["value"]);
        await client.MissingAsync(
            HttpMethod.Post,
            "model-versions/create",
            new JsonObject { ["name"] = "reg", ["source"] = "models:/m-" + new string('0', 32) }
        );
    }

    private static async Task<string> RunAsync(ApiClient client) =>
        (string)(await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!["run_id"]!;

    private static async Task<JsonNode> CreateAsync(ApiClient client, string? name, JsonObject? more = null)
    {
        var body = more ?? [];
        body["experiment_id"] = "0";
        body["name"] = name;
        return (await client.PostAsync("logged-models", body))["model"]!;
    }

    private static JsonArray Pairs(params (string Key, string Value)[] pairs) =>
        [.. pairs.Select(p => (JsonNode)RegistryClient.Of(("key", p.Key), ("value", p.Value)))];

    private static JsonObject Order(string field, bool isAscending) =>
        new() { ["order_by"] = new JsonArray(new JsonObject { ["field_name"] = field, ["ascending"] = isAscending }) };

    private static JsonObject Search(string filter, JsonObject? more = null)
    {
        var body = more?.DeepClone().AsObject() ?? [];
        body["experiment_ids"] = new JsonArray("0");
        body["filter"] = filter;
        return body;
    }

    private static async Task<List<string>> SearchAsync(ApiClient client, string filter, JsonObject? more = null)
    {
        var found = new List<string>();
        string? token = null;
        do
        {
            var body = Search(filter, more);
            body["page_token"] = token;
            var page = await client.PostAsync("logged-models/search", body);
            found.AddRange((page["models"]?.AsArray() ?? []).Select(m => (string)m!["info"]!["name"]!));
            token = (string?)page["next_page_token"];
        } while (token is not null);
        return found;
    }
}
