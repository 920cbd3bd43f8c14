using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Api.Tests;

/// <summary>A rollout by HTTP, of models that are really served, on two hosts.</summary>
public sealed class RolloutEndpointTests(ApiFixture api)
{
    private const string Row = """{"dataframe_records": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}]}""";
    private readonly ServingClient client = new(api);

    [Fact]
    public async Task Callers_are_shared_by_their_key_on_both_hosts_alike_until_the_challenger_is_in_Production()
    {
        await client.RegisterAsync();
        await client.RegisterAsync(stage: Stage.None);
        var begun = await PostAsync(
            "rollout",
            """{"version": 2, "why": "it is better", "plan": {"steps": ["50%", "100%"], "bake": 0, "minimum_requests": """
                + """5, "latency": {"enabled": false}}}"""
        );
        Assert.Equal(
            ("running", 2, 0.5, "anonymous"),
            ((string?)begun["state"], (int)begun["challenger"]!, (double)begun["traffic"]!, (string?)begun["by"])
        );

        var first = await VersionsAsync(client);
        Assert.Equal(first, await VersionsAsync(client.Other));
        Assert.Contains("1", first);
        Assert.Contains("2", first);

        await TickAsync();
        var shown = await GetAsync("rollout");
        Assert.Equal(
            (2, 1.0, 40),
            (
                (int)shown["step"]!,
                (double)shown["traffic"]!,
                (int)shown["steps"]![0]!["champion_requests"]! + (int)shown["steps"]![0]!["challenger_requests"]!
            )
        );

        Assert.All(await VersionsAsync(client), v => Assert.Equal("2", v));
        await TickAsync();
        Assert.Equal("promoted", (string?)(await GetAsync("rollout"))["state"]);
        Assert.Equal("production", (await client.InvokeAsync(Row)).Header("X-Model-Choice"));
        Assert.Equal(Stage.Production, (await client.Registry.FindVersionAsync("buys", 2))!.Stage);

        var back = await PostAsync("rollout/rollback", """{"why": "customers complain"}""");
        Assert.Equal(("rolled_back", "customers complain"), ((string?)back["state"], (string?)back["reason"]));
        Assert.Equal("1", (await client.InvokeAsync(Row)).Header("X-Model-Version"));
        Assert.Single((await GetAsync("rollouts"))["rollouts"]!.AsArray());
    }

    [Fact]
    public async Task A_version_that_cannot_be_loaded_is_taken_back_by_the_breaker()
    {
        using var folder = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(await ServingClient.ModelFolderAsync()))
        {
            File.Copy(file, folder.At(Path.GetFileName(file)));
        }

        foreach (var file in Directory.EnumerateFiles(folder.Root, "*.zip"))
        {
            File.WriteAllText(file, "this is no model");
        }

        await client.RegisterAsync();
        await client.RegisterAsync(stage: Stage.None, folder: folder.Root);
        await PostAsync("rollout", """{"version": 2, "plan": {"steps": ["50%", "100%"], "breaker": {"error_rate": "40%", "last": 5}}}""");

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 120; i++)
        {
            statuses.Add((await client.InvokeAsync(Row)).Status);
        }

        Assert.InRange(statuses.Count(s => s != HttpStatusCode.OK), 5, 8);
        Assert.All(statuses.TakeLast(30), s => Assert.Equal(HttpStatusCode.OK, s));
        await TickAsync();
        var shown = await GetAsync("rollout");
        Assert.Equal("rolled_back", (string?)shown["state"]);
        Assert.StartsWith("5 of the last 5 responses of version 2 failed", (string?)shown["reason"]);
    }

    [Fact]
    public async Task Labels_that_come_later_are_held_against_both_versions()
    {
        await client.RegisterAsync();
        await client.RegisterAsync(stage: Stage.None);
        await PostAsync("rollout", """{"version": 2, "plan": {"steps": ["50%", "100%"], "quality": {"loss": "error"}}}""");
        for (var i = 0; i < 20; i++)
        {
            var answer = await client.InvokeAsync(Row);
            var isChallenger = answer.Header("X-Model-Version") == "2";
            var predicted = (string)answer.Predictions[0]!["label"]!;
            var label = isChallenger == (predicted == "yes") ? "no" : "yes";
            var told = await client.SendAsync(
                HttpMethod.Post,
                "buys/feedback",
                new StringContent(
                    new JsonObject { ["request_id"] = answer.Header("X-Request-Id"), ["label"] = label }.ToJsonString(),
                    Encoding.UTF8,
                    "application/json"
                )
            );
            Assert.True(told.Status == HttpStatusCode.OK, told.Text);
        }

        // One who named the version was not drawn.
        await client.InvokeAsync(Row, "?version=2");
        var rollout = await client.Services.Rollouts.Rollouts.GetLatestAsync("buys");
        var losses = await new LoggedLosses(client.Services.Serving.Log).ReadAsync(
            rollout,
            client.Services.Time.GetUtcNow().AddSeconds(1),
            default
        );

        var step = losses.Single();
        Assert.Equal(20, step.Champion.ErrorLoss.Count + step.Challenger.ErrorLoss.Count);
        Assert.Equal(0, step.Champion.ErrorLoss.Sum);
        Assert.Equal(step.Challenger.ErrorLoss.Count, step.Challenger.ErrorLoss.Sum);
        Assert.True(step.Challenger.SquaredLoss.Mean > step.Champion.SquaredLoss.Mean);
    }

    [Fact]
    public async Task What_cannot_be_is_answered_with_what_is_wrong()
    {
        await client.RegisterAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("buys/rollout")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("nobody/rollout")).Status);
        Assert.Contains("has no rollouts", (await client.GetAsync("buys/rollout")).Message);
        await RefusedAsync("rollout", "{}", HttpStatusCode.BadRequest, "The version is missing.");
        await RefusedAsync("rollout", """{"version": 1}""", HttpStatusCode.Conflict, "is already in Production");
        await RefusedAsync("rollout", """{"version": 7}""", HttpStatusCode.NotFound, "'buys' has no version 7.");
        await RefusedAsync("rollout", """{"version": 1, "plan": {"stepz": []}}""", HttpStatusCode.BadRequest, "unknown key 'stepz'");
        await RefusedAsync("rollout", "not json", HttpStatusCode.BadRequest, "The body is not valid JSON");
        await RefusedAsync("rollout/pause", "", HttpStatusCode.Conflict, "'buys' has no open rollout.");

        await client.RegisterAsync(stage: Stage.None);
        await RefusedAsync(
            "rollout",
            """{"version": 2, "plan": {"steps": ["5%"]}}""",
            HttpStatusCode.BadRequest,
            "steps: the last one is 100%"
        );
        await RefusedAsync(
            "rollout",
            """{"version": 2, "alerts": [{"webhook": "https://x/y", "secret": "plain"}]}""",
            HttpStatusCode.BadRequest,
            "secret: env:NAME"
        );
        await PostAsync(
            "rollout",
            """{"version": 2, "approval": {"role": "owner", "deadline": "2d"}, "alerts": """
                + """[{"webhook": "https://hooks.example.com/services/very/secret", "on": ["none"]}]}"""
        );
        await RefusedAsync("rollout/approve", """{"role": "intern"}""", HttpStatusCode.Forbidden, "is waiting for the role 'owner'");
        var shown = await PostAsync("rollout/approve", """{"role": "owner"}""");
        Assert.Equal(("running", "https://hooks.example.com"), ((string?)shown["state"], (string?)shown["alerts"]![0]));
        Assert.Equal("paused", (string?)(await PostAsync("rollout/pause", """{"why": "lunch"}"""))["state"]);
        Assert.Equal("running", (string?)(await PostAsync("rollout/resume", ""))["state"]);
        Assert.Equal("aborted", (string?)(await PostAsync("rollout/abort", ""))["state"]);
    }

    private async Task<List<string>> VersionsAsync(ServingClient of)
    {
        var versions = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            versions.Add((await of.InvokeAsync(Row, key: $"customer-{i}")).Header("X-Model-Version"));
        }

        return versions;
    }

    /// <summary>What both hosts saw is counted, and one of them looks.</summary>
    private async Task TickAsync()
    {
        foreach (var host in new[] { client.Other, client })
        {
            await host.Services.Serving.FlushAsync();
            await host.Services.TickRolloutsAsync(_ => { });
        }

        // The other host hears of it within a second; the test asks.
        await client.Other.Registry.Models.FindAsync("buys");
    }

    private async Task<JsonNode> PostAsync(string path, string body)
    {
        var answer = await client.SendAsync(HttpMethod.Post, "buys/" + path, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json;
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        var answer = await client.GetAsync("buys/" + path);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json;
    }

    private async Task RefusedAsync(string path, string body, HttpStatusCode status, string says)
    {
        var answer = await client.SendAsync(HttpMethod.Post, "buys/" + path, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(answer.Status == status, $"{(int)answer.Status}: {answer.Text}");
        Assert.Contains(says, answer.Message);
    }
}
