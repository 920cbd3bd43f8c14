using System.Text.Json.Nodes;
using Serverless.Core;

namespace Serverless.Api.Tests;

/// <summary>A page token is a place in the order: what is deleted or added between two pages moves nothing.</summary>
public sealed class PagingTests(ApiFixture api)
{
    private readonly ApiClient client = api.Client(ApiFixture.NewWorkspace());

    [Theory]
    [InlineData(null)]
    [InlineData("metrics.auc DESC")]
    [InlineData("params.p ASC")]
    public async Task Runs_that_are_deleted_page_by_page_are_all_deleted(string? order)
    {
        var experiment = await ExperimentAsync();
        await CreateRunsAsync(experiment, 30);
        var deleted = 0;
        string? token = null;
        do
        {
            var page = await SearchAsync(experiment, token, order);
            foreach (var run in page["runs"]?.AsArray() ?? [])
            {
                await client.PostAsync("runs/delete", new JsonObject { ["run_id"] = IdOf(run!) });
                deleted++;
            }

            token = (string?)page["next_page_token"];
        } while (token is not null);

        Assert.Equal(30, deleted);
        Assert.Null((await SearchAsync(experiment, null, order))["runs"]);
    }

    [Fact]
    public async Task Runs_that_come_between_two_pages_are_seen_once_or_not_at_all()
    {
        var experiment = await ExperimentAsync();
        await CreateRunsAsync(experiment, 20);
        var first = await SearchAsync(experiment, null, null);
        await CreateRunsAsync(experiment, 7, from: 100);

        var second = await SearchAsync(experiment, (string?)first["next_page_token"], null);

        var seen = first["runs"]!.AsArray().Concat(second["runs"]!.AsArray()).Select(r => IdOf(r!)).ToList();
        Assert.Equal(20, seen.Distinct().Count());
    }

    [Fact]
    public async Task Models_that_are_deleted_page_by_page_are_all_deleted()
    {
        for (var i = 0; i < 9; i++)
        {
            await client.CreateModelAsync($"m{i}");
        }

        var deleted = 0;
        string? token = null;
        do
        {
            var page = await client.GetAsync(
                "registered-models/search",
                [.. (string[])["max_results", "2"], .. token is null ? [] : (string[])["page_token", token]]
            );
            foreach (var model in page["registered_models"]?.AsArray() ?? [])
            {
                await client.DeleteAsync("registered-models/delete", new JsonObject { ["name"] = (string)model!["name"]! });
                deleted++;
            }

            token = (string?)page["next_page_token"];
        } while (token is not null);

        Assert.Equal(9, deleted);
    }

    [Fact]
    public async Task A_token_of_mlflows_own_form_is_taken_and_one_of_another_order_is_refused()
    {
        var experiment = await ExperimentAsync();
        await CreateRunsAsync(experiment, 12);
        var offset = Convert.ToBase64String("{\"offset\": 10}"u8.ToArray());

        Assert.Equal(2, (await SearchAsync(experiment, offset, null))["runs"]!.AsArray().Count);
        var token = (string?)(await SearchAsync(experiment, null, "metrics.auc DESC"))["next_page_token"];
        await client.InvalidAsync(HttpMethod.Post, "runs/search", Query(experiment, token, null));
    }

    private async Task<string> ExperimentAsync() =>
        (string)(await client.PostAsync("experiments/create", new JsonObject { ["name"] = Ids.NewId() }))["experiment_id"]!;

    private async Task CreateRunsAsync(string experiment, int count, int from = 0)
    {
        for (var i = from; i < from + count; i++)
        {
            var run = (await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = experiment, ["start_time"] = 1000 + i }))[
                "run"
            ]!;
            await client.PostAsync(
                "runs/log-batch",
                new JsonObject
                {
                    ["run_id"] = IdOf(run),
                    ["metrics"] = new JsonArray(
                        new JsonObject
                        {
                            ["key"] = "auc",
                            ["value"] = i % 7 / 10.0,
                            ["timestamp"] = 1,
                        }
                    ),
                    ["params"] = new JsonArray(new JsonObject { ["key"] = "p", ["value"] = $"ä{i % 5}" }),
                }
            );
        }
    }

    private Task<JsonObject> SearchAsync(string experiment, string? token, string? order) =>
        client.PostAsync("runs/search", Query(experiment, token, order));

    private static JsonObject Query(string experiment, string? token, string? order) =>
        new()
        {
            ["experiment_ids"] = new JsonArray(experiment),
            ["max_results"] = 10,
            ["page_token"] = token,
            ["order_by"] = order is null ? new JsonArray() : new JsonArray(order),
        };

    private static string IdOf(JsonNode run) => (string)run["info"]!["run_id"]!;
}
