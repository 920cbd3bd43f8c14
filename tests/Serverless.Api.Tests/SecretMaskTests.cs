using System.Text.Json.Nodes;
using Serverless.Api.Hosting;

namespace Serverless.Api.Tests;

/// <summary>A secret that a client logs is masked before it is stored, and the answer says so.</summary>
public sealed class SecretMaskTests(ApiFixture api)
{
    private const string Key = "AKIAABCDEFGHIJKLMNOP";

    [Fact]
    public async Task Params_tags_metrics_and_datasets_are_masked_with_a_warning()
    {
        var client = api.Client();
        var id = (string)
            (
                await client.PostAsync(
                    "runs/create",
                    new JsonObject
                    {
                        ["experiment_id"] = "0",
                        ["tags"] = new JsonArray(RegistryClient.Of(("key", "db_password"), ("value", "correct horse"))),
                    }
                )
            )["run"]!["info"]!["run_id"]!;

        var warning = await WarningAsync(
            client,
            "runs/log-parameter",
            new JsonObject
            {
                ["run_id"] = id,
                ["key"] = "api_key",
                ["value"] = "q8s7d6f5g4",
            }
        );
        Assert.Equal("masked values that look like secrets: api_key", warning);
        warning = await WarningAsync(
            client,
            "runs/log-batch",
            new JsonObject
            {
                ["run_id"] = id,
                ["params"] = new JsonArray(
                    RegistryClient.Of(("key", "lr"), ("value", "0.1")),
                    RegistryClient.Of(("key", "secret"), ("value", "s3cr3ts"))
                ),
                ["tags"] = new JsonArray(RegistryClient.Of(("key", "note"), ("value", $"with {Key}, as ever"))),
                ["metrics"] = new JsonArray(
                    new JsonObject
                    {
                        ["key"] = Key,
                        ["value"] = 1.0,
                        ["timestamp"] = 1,
                    },
                    new JsonObject
                    {
                        ["key"] = "loss",
                        ["value"] = 1.0,
                        ["timestamp"] = 1,
                    }
                ),
            }
        );
        Assert.Equal("masked values that look like secrets: params[1] secret, tags[0] note, metrics[0].key", warning);
        await WarningAsync(
            client,
            "runs/log-metric",
            new JsonObject
            {
                ["run_id"] = id,
                ["key"] = Key,
                ["value"] = 2.0,
                ["timestamp"] = 2,
            }
        );
        warning = await WarningAsync(
            client,
            "runs/log-inputs",
            new JsonObject
            {
                ["run_id"] = id,
                ["datasets"] = new JsonArray(
                    new JsonObject
                    {
                        ["dataset"] = new JsonObject
                        {
                            ["name"] = "d",
                            ["digest"] = "1",
                            ["source_type"] = "http",
                            ["source"] = """{"url": "https://u:p4ssw0rd@h/d.csv"}""",
                        },
                    }
                ),
            }
        );
        Assert.Equal("masked values that look like secrets: datasets[0].dataset.source", warning);
        Assert.Null(
            await WarningAsync(
                client,
                "runs/set-tag",
                new JsonObject
                {
                    ["run_id"] = id,
                    ["key"] = "team",
                    ["value"] = "churn",
                }
            )
        );

        var run = (await client.GetAsync("runs/get", "run_id", id))["run"]!;
        var text = run.ToJsonString();
        Assert.All((string[])[Key, "q8s7d6f5g4", "s3cr3ts", "correct horse", "p4ssw0rd"], secret => Assert.DoesNotContain(secret, text));
        Assert.Contains("""{"key":"lr","value":"0.1"}""", text);
        Assert.Contains("with ***, as ever", text);
        Assert.Contains("https://***@h/d.csv", (string)run["inputs"]!["dataset_inputs"]![0]!["dataset"]!["source"]!);
        // Both points are of one metric still, whatever it is called now.
        var masked = run["data"]!["metrics"]!.AsArray().Single(m => (string?)m!["key"] != "loss")!;
        Assert.StartsWith("masked-", (string)masked["key"]!);
        Assert.Equal(
            2,
            (await client.GetAsync("metrics/get-history", "run_id", id, "metric_key", (string)masked["key"]!))["metrics"]!.AsArray().Count
        );
    }

    [Fact]
    public async Task What_is_masked_can_be_sent_again_and_deleted_by_its_own_name()
    {
        var client = api.Client();
        var id = (string)(await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!["run_id"]!;
        foreach (var value in (string[])["first-secret-1", "other-secret-2"])
        {
            await client.PostAsync(
                "runs/log-parameter",
                new JsonObject
                {
                    ["run_id"] = id,
                    ["key"] = "password",
                    ["value"] = value,
                }
            );
        }

        await client.PostAsync(
            "runs/set-tag",
            new JsonObject
            {
                ["run_id"] = id,
                ["key"] = Key,
                ["value"] = "x",
            }
        );
        await client.PostAsync("runs/delete-tag", new JsonObject { ["run_id"] = id, ["key"] = Key });

        var data = (await client.GetAsync("runs/get", "run_id", id))["run"]!["data"]!;
        Assert.Equal("***", (string?)data["params"]![0]!["value"]);
        Assert.Equal(["mlflow.runName"], data["tags"]!.AsArray().Select(t => (string)t!["key"]!));
    }

    [Fact]
    public async Task Experiments_models_and_versions_mask_their_tags_and_descriptions_but_not_their_places()
    {
        var client = api.Client();
        var experiment = (string)
            (
                await client.PostAsync(
                    "experiments/create",
                    new JsonObject
                    {
                        ["name"] = "e",
                        ["tags"] = new JsonArray(RegistryClient.Of(("key", "connection_string"), ("value", "Server=x;Pass=y"))),
                    }
                )
            )["experiment_id"]!;
        Assert.Equal(
            "***",
            (string?)(await client.GetAsync("experiments/get", "experiment_id", experiment))["experiment"]!["tags"]![0]!["value"]
        );
        await client.PostAsync("registered-models/create", new JsonObject { ["name"] = "m", ["description"] = $"key {Key}" });
        Assert.Equal("key ***", (string?)(await client.GetModelAsync("m"))["description"]);
        var version = await client.CreateVersionAsync("m", "https://u:p4ssw0rd@h/model", ("access_token", "abcdefg"));
        Assert.Equal(("https://u:p4ssw0rd@h/model", "***"), ((string?)version["source"], (string?)version["tags"]![0]!["value"]));
    }

    [Fact]
    public async Task A_host_may_leave_secrets_as_they_are()
    {
        await using var host = await api.StartAsync(new ApiOptions { MasksSecrets = false });
        var client = host.Client(ApiFixture.NewWorkspace());
        var id = (string)(await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!["run_id"]!;

        Assert.Null(
            await WarningAsync(
                client,
                "runs/log-parameter",
                new JsonObject
                {
                    ["run_id"] = id,
                    ["key"] = "password",
                    ["value"] = "hunter2!",
                }
            )
        );

        Assert.Equal("hunter2!", (string?)(await client.GetAsync("runs/get", "run_id", id))["run"]!["data"]!["params"]![0]!["value"]);
    }

    private static async Task<string?> WarningAsync(ApiClient client, string path, JsonObject body)
    {
        using var response = await client.RawAsync(HttpMethod.Post, path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response.Headers.TryGetValues("X-Serverless-Warning", out var values) ? Assert.Single(values) : null;
    }
}
