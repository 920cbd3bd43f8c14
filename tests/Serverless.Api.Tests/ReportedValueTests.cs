using System.Net;
using System.Text.Json.Nodes;

namespace Serverless.Api.Tests;

/// <summary>Values and names from public reports that were stored as something else.</summary>
public sealed class ReportedValueTests(ApiFixture api)
{
    private readonly string workspace = ApiFixture.NewWorkspace();

    private ApiClient Client => api.Client(workspace);

    [Theory]
    [InlineData("timestamp", "1767225600.123")]
    [InlineData("timestamp", "1e30")]
    [InlineData("step", "99999999999999999999")]
    [InlineData("step", "2.5")]
    public async Task A_time_or_step_that_is_no_whole_number_of_64_bits_is_refused_and_not_stored_as_zero(string field, string value)
    {
        var run = await RunAsync();
        var body = new JsonObject
        {
            ["run_id"] = run,
            ["key"] = "auc",
            ["value"] = 0.5,
            ["timestamp"] = 1,
            ["step"] = 1,
            [field] = JsonNode.Parse(value),
        };

        var message = await Client.InvalidAsync(HttpMethod.Post, "runs/log-metric", body);

        Assert.Contains($"'{field}'", message, StringComparison.Ordinal);
        Assert.Contains("64-bit integer", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs/create", "start_time")]
    [InlineData("runs/update", "end_time")]
    public async Task A_runs_times_are_whole_numbers_too(string path, string field)
    {
        var body = new JsonObject
        {
            ["experiment_id"] = "0",
            ["run_id"] = await RunAsync(),
            [field] = 1767225600000.5,
        };

        await Client.InvalidAsync(HttpMethod.Post, path, body);
    }

    [Fact]
    public async Task A_whole_number_that_is_written_with_a_point_is_taken()
    {
        var run = await RunAsync();

        await Client.PostAsync(
            "runs/log-metric",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "auc",
                ["value"] = 0.5,
                ["timestamp"] = JsonNode.Parse("1767225600000.0"),
                ["step"] = JsonNode.Parse("3e0"),
            }
        );

        var metric = (await Client.GetAsync("runs/get", "run_id", run))["run"]!["data"]!["metrics"]![0]!;
        Assert.Equal((1767225600000, 3), ((long)metric["timestamp"]!, (long)metric["step"]!));
    }

    [Fact]
    public async Task A_param_is_cut_between_characters_and_not_within_one()
    {
        var run = await RunAsync();
        var value = new string('x', 5999) + "😀😀";

        await Client.PostAsync(
            "runs/log-parameter",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "p",
                ["value"] = value,
            }
        );

        var param = (await Client.GetAsync("runs/get", "run_id", run))["run"]!["data"]!["params"]![0]!;
        Assert.Equal(new string('x', 5999) + "😀", (string)param["value"]!);
    }

    [Theory]
    [InlineData("team/churn")]
    [InlineData("a%2Fb")]
    [InlineData("ä b#c?d")]
    public async Task A_model_is_served_whatever_it_is_called(string name)
    {
        var serving = new ServingClient(api) { Workspace = workspace };
        await Client.CreateModelAsync(name);

        var known = await serving.GetAsync($"{Uri.EscapeDataString(name)}/stats");
        var unknown = await serving.GetAsync($"{Uri.EscapeDataString(name + "/other")}/stats");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (known.Status, unknown.Status));
        Assert.Contains(name + "/other", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task A_name_that_no_address_can_hold_is_refused(string name)
    {
        await Client.InvalidAsync(HttpMethod.Post, "registered-models/create", new JsonObject { ["name"] = name });
        await Client.CreateModelAsync("fine");
        await Client.InvalidAsync(HttpMethod.Post, "registered-models/rename", new JsonObject { ["name"] = "fine", ["new_name"] = name });
    }

    private async Task<string> RunAsync() =>
        (string)(await Client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!["run_id"]!;
}
