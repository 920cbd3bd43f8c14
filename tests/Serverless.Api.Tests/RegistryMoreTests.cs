using System.Net;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Testing;

namespace Serverless.Api.Tests;

/// <summary>The registry beyond MLflow: history, what was deleted and its way back, Model Cards, downloads by source.</summary>
public sealed class RegistryMoreTests(ApiFixture api)
{
    [Fact]
    public async Task A_models_history_says_who_did_what()
    {
        var client = api.Client().As("alice");
        await client.CreateModelAsync("m");
        await client.CreateVersionAsync("m");
        await client.MoveAsync("m", 1, "Production");

        var history = (await client.GetAsync("../serverless/registered-models/history", "name", "m"))["history"]!.AsArray();

        Assert.Equal(["transition", "register", "create"], history.Select(e => ((string)e!["action"]!).Split(' ')[0]));
        Assert.All(history, e => Assert.Equal("alice", (string?)e!["by"]));
        Assert.Equal((1, "None", "Production"), ((int)history[0]!["version"]!, (string?)history[0]!["from"], (string?)history[0]!["to"]));
        await client.MissingAsync(HttpMethod.Get, "../serverless/registered-models/history?name=none", null);
    }

    [Fact]
    public async Task Deleted_models_and_versions_are_listed_and_come_back()
    {
        var client = api.Client();
        await client.CreateModelAsync("m");
        for (var i = 0; i < 3; i++)
        {
            await client.CreateVersionAsync("m");
        }

        await client.DeleteAsync("model-versions/delete", RegistryClient.Of(("name", "m"), ("version", "2")));
        Assert.Equal("m 2", await TrashAsync(client));
        var back = (await client.PostAsync("../serverless/model-versions/restore", RegistryClient.Of(("name", "m"), ("version", "2"))))[
            "model_version"
        ]!;
        Assert.Equal("2", (string?)back["version"]);
        Assert.Equal("", await TrashAsync(client));
        await client.GetVersionAsync("m", 2);
        Assert.Equal(["m/3", "m/2", "m/1"], await client.SearchAsync("model-versions", "name = 'm'", "order_by", "version_number DESC"));
        await client.MissingAsync(
            HttpMethod.Post,
            "../serverless/model-versions/restore",
            RegistryClient.Of(("name", "m"), ("version", "9"))
        );

        await client.DeleteAsync("registered-models/delete", RegistryClient.Of(("name", "m")));
        Assert.Equal("m, m 1, m 2, m 3", await TrashAsync(client));
        await client.CreateModelAsync("m");
        await client.FailAsync(
            HttpMethod.Post,
            "../serverless/registered-models/restore",
            RegistryClient.Of(("name", "m")),
            HttpStatusCode.BadRequest,
            ErrorCodes.ResourceAlreadyExists
        );
        await client.PostAsync("registered-models/rename", RegistryClient.Of(("name", "m"), ("new_name", "other")));
        await client.PostAsync("../serverless/registered-models/restore", RegistryClient.Of(("name", "m")));
        Assert.Equal("3", (string?)(await client.GetModelAsync("m"))["latest_versions"]![0]!["version"]);
        Assert.Equal("4", (string?)(await client.CreateVersionAsync("m"))["version"]);
        await client.MissingAsync(HttpMethod.Post, "../serverless/registered-models/restore", RegistryClient.Of(("name", "m")));
    }

    [Fact]
    public async Task A_guarded_model_is_restored_by_its_approvers_alone()
    {
        var client = api.Client();
        await client.CreateModelAsync("m", ("serverless.production", "approver:alice"));
        await client.As("alice").DeleteAsync("registered-models/delete", RegistryClient.Of(("name", "m")));

        var restore = RegistryClient.Of(("name", "m"));
        await client
            .As("bob")
            .FailAsync(
                HttpMethod.Post,
                "../serverless/registered-models/restore",
                restore,
                HttpStatusCode.Forbidden,
                ErrorCodes.PermissionDenied
            );
        await client.As("alice").PostAsync("../serverless/registered-models/restore", restore);
    }

    [Fact]
    public async Task A_version_by_its_source_has_a_card_and_can_be_laid_down()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        var run = (string)
            (await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0", ["run_name"] = "best" }))["run"]!["info"]![
                "run_id"
            ]!;
        await client.PostAsync(
            "runs/log-parameter",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "lr",
                ["value"] = "0.1",
            }
        );
        await client.PostAsync(
            "runs/log-metric",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "auc",
                ["value"] = 0.875,
                ["timestamp"] = 1,
            }
        );
        await files.PutAsync($"0/{run}/artifacts/one/MLmodel", "flavors: {}");
        await files.PutAsync($"0/{run}/artifacts/two/README.md", "# Mine\n");
        await client.CreateModelAsync("m");
        foreach (var folder in (string[])["one", "two"])
        {
            await client.PostAsync(
                "model-versions/create",
                new JsonObject
                {
                    ["name"] = "m",
                    ["source"] = $"runs:/{run}/{folder}",
                    ["run_id"] = run,
                }
            );
        }

        await client.CreateVersionAsync("m", "s3://elsewhere/model");

        async Task<string> Card(string version) =>
            (string)(await client.GetAsync("../serverless/model-versions/card", "name", "m", "version", version))["card"]!;
        var card = await Card("1");
        Assert.StartsWith("# m 1\n", card);
        Assert.All((string[])[$"| Run | best ({run}) |", "| lr | 0.1 |", "| auc | 0.875 |"], line => Assert.Contains(line, card));
        Assert.Equal("# Mine\n", await Card("2"));
        Assert.StartsWith("# m 3\n", await Card("3"));
        // Kept: what the run is called later changes nothing.
        await client.PostAsync("runs/update", new JsonObject { ["run_id"] = run, ["run_name"] = "renamed" });
        Assert.Equal(card, await Card("1"));
        await client.MissingAsync(HttpMethod.Get, "../serverless/model-versions/card?name=m&version=9", null);

        using var target = new TestFolder();
        await services.Models.DownloadAsync((await services.Models.FindVersionAsync("m", 1))!, target.At("m"));
        Assert.Equal("flavors: {}", await File.ReadAllTextAsync(target.At("m", "MLmodel")));
    }

    private static async Task<string> TrashAsync(ApiClient client) =>
        string.Join(
            ", ",
            (await client.GetAsync("../serverless/registered-models/trash"))["deleted"]!
                .AsArray()
                .Select(d => d!["version"] is { } version ? $"{d["name"]} {version}" : (string)d["name"]!)
                .Order(StringComparer.Ordinal)
        );
}
