using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Tracking.Models;
using static Serverless.Api.Tests.RegistryClient;

namespace Serverless.Api.Tests;

public sealed class RegistryStageTests(ApiFixture api)
{
    private const string Guard = "serverless.production";

    [Fact]
    public async Task A_transition_archives_what_stood_there()
    {
        var client = api.Client();
        await CreateAsync(client, 3);
        await client.MoveAsync("m", 1, "staging");
        await client.MoveAsync("m", 2, "PRODUCTION");

        var moved = await client.MoveAsync("m", 3, "Production", archive: true);

        Assert.Equal("Production", (string?)moved["current_stage"]);
        var archived = await client.GetVersionAsync("m", 2);
        Assert.Equal("Archived", (string?)archived["current_stage"]);
        Assert.Equal((long)moved["last_updated_timestamp"]!, (long)archived["last_updated_timestamp"]!);
        Assert.Equal("Staging", (string?)(await client.GetVersionAsync("m", 1))["current_stage"]);
    }

    [Fact]
    public async Task A_stage_that_does_not_exist_or_cannot_archive_is_refused()
    {
        var client = api.Client();
        await CreateAsync(client, 1);

        Assert.Equal(
            "Invalid Model Version stage: unknown. Value must be one of None, Staging, Production, Archived.",
            await client.InvalidAsync(HttpMethod.Post, "model-versions/transition-stage", Move("m", 1, "unknown"))
        );
        await client.InvalidAsync(HttpMethod.Post, "model-versions/transition-stage", Move("m", 1, "2"));
        foreach (var stage in (string[])["Archived", "none"])
        {
            Assert.Contains(
                $"because '{stage}' is not an Active stage",
                await client.InvalidAsync(HttpMethod.Post, "model-versions/transition-stage", Move("m", 1, stage, archive: true)),
                StringComparison.Ordinal
            );
            Assert.Equal(stage, (string?)(await client.MoveAsync("m", 1, stage))["current_stage"], ignoreCase: true);
        }

        await client.MissingAsync(HttpMethod.Post, "model-versions/transition-stage", Move("m", 2, "Staging"));
    }

    [Fact]
    public async Task More_versions_than_a_transaction_holds_are_archived_too()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await CreateAsync(client, 61);
        for (var i = 1; i <= 60; i++)
        {
            await client.MoveAsync("m", i, "Production");
        }

        await client.MoveAsync("m", 61, "Production", archive: true);

        var latest = (await client.PostAsync("registered-models/get-latest-versions", Of(("name", "m"))))["model_versions"]!.AsArray();
        Assert.Equal(["60 Archived", "61 Production"], latest.Select(v => $"{v!["version"]} {v["current_stage"]}"));
        Assert.Single(await api.Services(workspace, host: 1).Models.ListVersionsAsync("m"), v => v.Stage == Stage.Production);
    }

    [Fact]
    public async Task The_latest_version_of_a_stage_is_that_of_the_highest_number()
    {
        var client = api.Client();
        await CreateAsync(client, 4);
        await client.MoveAsync("m", 3, "Production");
        await client.MoveAsync("m", 2, "Production");

        async Task<string[]> LatestAsync(params string[] stages) =>
            [
                .. (
                    await client.GetAsync(
                        "registered-models/get-latest-versions",
                        ["name", "m", .. stages.SelectMany(s => (string[])["stages", s])]
                    )
                )["model_versions"]!
                    .AsArray()
                    .Select(v => (string)v!["version"]!),
            ];

        Assert.Equal(["3", "4"], await LatestAsync());
        Assert.Equal(["3"], await LatestAsync("pRODUCTION", "Staging"));
        Assert.Contains(
            "Value must be one of",
            await client.InvalidAsync(HttpMethod.Get, "registered-models/get-latest-versions?name=m&stages=x", null),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Promotions_at_once_leave_one_version_in_Production()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await CreateAsync(client, 8);

        await Task.WhenAll(
            Enumerable.Range(1, 8).Select(i => api.Client(workspace, host: i % 2).MoveAsync("m", i, "Production", archive: true))
        );

        var versions = await api.Services(workspace).Models.ListVersionsAsync("m");
        Assert.Single(versions, v => v.Stage == Stage.Production);
        Assert.Equal(7, versions.Count(v => v.Stage == Stage.Archived));
    }

    [Fact]
    public async Task A_rename_and_transitions_at_once_lose_nothing()
    {
        var workspace = ApiFixture.NewWorkspace();
        var (client, other) = (api.Client(workspace), api.Client(workspace, host: 1));
        await CreateAsync(client, 1);
        await client.PostAsync("registered-models/rename", Of(("name", "m"), ("new_name", "n0")));
        var refused = 0;

        async Task RenameAsync()
        {
            for (var i = 0; i < 10; i++)
            {
                await client.PostAsync("registered-models/rename", Of(("name", $"n{i}"), ("new_name", $"n{i + 1}")));
            }
        }

        async Task MoveAsync()
        {
            for (var i = 0; i < 30; i++)
            {
                // By the name that the last search gave: it may be gone by now, and then it is a clear 404.
                var name = Assert.Single(await other.SearchAsync("registered-models", ""));
                var (status, _) = await other.SendAsync(
                    HttpMethod.Post,
                    "model-versions/transition-stage",
                    Move(name, 1, i % 2 == 0 ? "Staging" : "Production")
                );
                Assert.True(status is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{status}");
                refused += status == HttpStatusCode.OK ? 0 : 1;
            }
        }

        await Task.WhenAll(RenameAsync(), MoveAsync());

        await client.MoveAsync("n10", 1, "Archived");
        var history = await api.Services(workspace).Models.ListAuditAsync("n10");
        Assert.Equal(11, history.Count(e => e.Action == "rename"));
        var moves = history.Where(e => e.Action == "transition").Reverse().ToList();
        Assert.True(moves.Count <= 31 - refused);
        Assert.All(moves.Zip(moves.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
    }

    [Fact]
    public async Task Production_of_a_guarded_model_is_for_its_approvers_and_its_pipeline()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await CreateAsync(client, 3);
        await client.PostAsync("registered-models/set-tag", Of(("name", "m"), ("key", Guard), ("value", "approver:alice, pipeline:churn")));
        await client.As("eve").MoveAsync("m", 1, "Staging");

        var message = await client
            .As("eve")
            .FailAsync(
                HttpMethod.Post,
                "model-versions/transition-stage",
                Move("m", 1, "production"),
                HttpStatusCode.Forbidden,
                ErrorCodes.PermissionDenied
            );

        Assert.Contains("'eve' may not move version 1 of 'm' to Production", message, StringComparison.Ordinal);
        Assert.Contains("pipeline churn", message, StringComparison.Ordinal);
        Assert.Contains("alice", message, StringComparison.Ordinal);
        await client.FailAsync(
            HttpMethod.Post,
            "model-versions/transition-stage",
            Move("m", 1, "Production"),
            HttpStatusCode.Forbidden,
            ErrorCodes.PermissionDenied
        );
        Assert.Equal("Staging", (string?)(await client.GetVersionAsync("m", 1))["current_stage"]);
        await client.As("alice").MoveAsync("m", 1, "Production");
        var registry = api.Services(workspace, host: 1).Models;
        await registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "m",
                Version = 2,
                Stage = Stage.Production,
                By = "pipeline churn, run 1",
                Pipeline = "churn",
            }
        );
        var e = await Assert.ThrowsAsync<ServerlessException>(() =>
            registry.TransitionStageAsync(
                new TransitionRequest
                {
                    Name = "m",
                    Version = 3,
                    Stage = Stage.Production,
                    By = "pipeline other, run 2",
                    Pipeline = "other",
                }
            )
        );
        Assert.Equal(403, e.Status);
        Assert.Equal(
            [
                "refused pipeline other, run 2",
                "transition pipeline churn, run 1",
                "transition alice",
                "refused anonymous",
                "refused eve",
                "transition eve",
            ],
            (await registry.ListAuditAsync("m")).Where(a => a.Action is "refused" or "transition").Select(a => $"{a.Action} {a.By}")
        );
    }

    [Fact]
    public async Task A_guard_cannot_be_gone_around()
    {
        var client = api.Client();
        await CreateAsync(client, 1);
        await client.PostAsync("registered-models/set-tag", Of(("name", "m"), ("key", Guard), ("value", "approver:alice")));
        var eve = client.As("eve");

        Task<string> DeniedAsync(HttpMethod method, string path, JsonObject body) =>
            eve.FailAsync(method, path, body, HttpStatusCode.Forbidden, ErrorCodes.PermissionDenied);

        await DeniedAsync(HttpMethod.Delete, "registered-models/delete-tag", Of(("name", "m"), ("key", Guard)));
        await DeniedAsync(HttpMethod.Post, "registered-models/set-tag", Of(("name", "m"), ("key", Guard), ("value", "approver:eve")));
        await DeniedAsync(HttpMethod.Post, "registered-models/rename", Of(("name", "m"), ("new_name", "n")));
        await DeniedAsync(HttpMethod.Delete, "registered-models/delete", Of(("name", "m")));
        await client.As("alice").DeleteAsync("registered-models/delete-tag", Of(("name", "m"), ("key", Guard)));
        await eve.MoveAsync("m", 1, "Production");
    }

    [Theory]
    [InlineData("")]
    [InlineData("pipeline:churn")]
    [InlineData("alice")]
    [InlineData("approver:")]
    public async Task A_guard_that_nobody_could_lift_is_refused(string value)
    {
        var client = api.Client();
        await client.CreateModelAsync("m");

        Assert.Contains(
            "approver:alice",
            await client.InvalidAsync(HttpMethod.Post, "registered-models/set-tag", Of(("name", "m"), ("key", Guard), ("value", value))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_history_tells_who_did_what_when_and_why()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await client.As("ann").CreateModelAsync("m");
        await client.CreateVersionAsync("m", "s3://b/m", ("mlflow.user", "bob"));
        var token = "x." + Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"sub":"cleo"}""")).TrimEnd('=') + ".x";
        var body = Move("m", 1, "Staging");
        body["comment"] = "looks good";
        await new ApiClient(client.Root) { Authorization = new AuthenticationHeaderValue("Bearer", token) }.PostAsync(
            "model-versions/transition-stage",
            body
        );
        await new ApiClient(client.Root) { Authorization = new AuthenticationHeaderValue("Bearer", "opaque") }.PostAsync(
            "registered-models/set-tag",
            Of(("name", "m"), ("key", "api_key"), ("value", "0123456789abcdef"))
        );

        var history = await api.Services(workspace).Models.ListAuditAsync("m");

        Assert.Equal(["anonymous set tag", "cleo transition", "bob register", "ann create"], history.Select(e => $"{e.By} {e.Action}"));
        Assert.Equal(("None", "Staging", "looks good"), (history[1].From, history[1].To, history[1].Why));
        Assert.Equal(("api_key", "***"), (history[0].What, history[0].To));
        Assert.Equal("bob", (string?)(await client.GetVersionAsync("m", 1))["user_id"]);
    }

    private static async Task CreateAsync(ApiClient client, int versions)
    {
        await client.CreateModelAsync("m");
        for (var i = 0; i < versions; i++)
        {
            await client.CreateVersionAsync("m");
        }
    }
}
