using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Serverless.Api.Tests;

/// <summary>What the console's views ask for.</summary>
public sealed class ConsoleEndpointTests(ApiFixture api)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    [Fact]
    public async Task A_long_course_is_thinned_without_losing_its_spike_or_what_is_not_a_number()
    {
        var client = api.Client();
        var run = await RunAsync(client);
        for (var part = 0; part < 5; part++)
        {
            await client.PostAsync("runs/log-batch", new JsonObject { ["run_id"] = run, ["metrics"] = Points(part * 1000, 1000) });
        }

        var series = (await GetAsync(client, $"metrics/series?run_id={run}&key=loss&points=100"))["series"]![0]!;

        Assert.Equal(5000, (int)series["count"]!);
        var steps = series["steps"]!.AsArray().Select(s => (long)s!).ToList();
        Assert.InRange(steps.Count, 50, 160);
        Assert.Equal([0, 4999], [steps[0], steps[^1]]);
        Assert.Contains(1234, steps);
        Assert.Equal(99.0, (double)series["values"]![steps.IndexOf(1234)]!);
        Assert.Equal("NaN", (string?)series["values"]![steps.IndexOf(777)]);
    }

    [Fact]
    public async Task A_course_that_did_not_grow_is_not_sent_again()
    {
        var client = api.Client();
        var run = await RunAsync(client);
        await client.PostAsync("runs/log-batch", new JsonObject { ["run_id"] = run, ["metrics"] = Points(0, 10) });
        var target = new Uri(client.Root, $"api/2.0/serverless/metrics/series?run_id={run}&key=loss");
        using var first = await Http.GetAsync(target);

        using var unchanged = await IfNoneMatchAsync(target, first.Headers.ETag!);
        await client.PostAsync("runs/log-batch", new JsonObject { ["run_id"] = run, ["metrics"] = Points(10, 1) });
        using var grown = await IfNoneMatchAsync(target, first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Equal(HttpStatusCode.OK, grown.StatusCode);
    }

    [Theory]
    [InlineData("metrics/series", "There are 0 values of run_id.")]
    [InlineData("metrics/series?run_id=a&key=b&points=1", "points is '1'.")]
    [InlineData("reports/view?path=secret.html", "There is no report")]
    [InlineData("reports/view?path=drift/..%2f..%2fx.html", "Invalid path")]
    public async Task What_is_asked_wrongly_is_answered_with_the_way_out(string path, string message)
    {
        using var response = await Http.GetAsync(new Uri(api.Client().Root, "api/2.0/serverless/" + path));

        Assert.InRange((int)response.StatusCode, 400, 404);
        Assert.Contains(message, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_s_run_has_no_graph_and_cannot_be_controlled()
    {
        var client = api.Client();
        var run = await RunAsync(client);

        var view = await GetAsync(client, $"runs/{run}/pipeline");
        using var cancel = await Http.PostAsync(new Uri(client.Root, $"api/2.0/serverless/runs/{run}/cancel"), null);

        Assert.Equal(run, (string?)view["run"]!["run_id"]);
        Assert.False(view.ContainsKey("graph"));
        Assert.Equal(HttpStatusCode.BadRequest, cancel.StatusCode);
    }

    [Fact]
    public async Task Home_of_an_empty_workspace_is_empty_and_its_members_are_there()
    {
        var home = await GetAsync(api.Client(), "home");

        foreach (var part in (string[])["running", "failed", "ended", "approvals", "models", "schedule"])
        {
            Assert.Empty(home[part]!.AsArray());
        }
    }

    [Fact]
    public async Task A_role_is_given_and_taken_away()
    {
        var client = api.Client();
        await PutRoleAsync(client, """{"members": ["alice", "bob"]}""");
        Assert.Equal(2, (await GetAsync(client, "settings"))["roles"]![0]!["members"]!.AsArray().Count);

        await PutRoleAsync(client, """{"members": []}""");
        Assert.Empty((await GetAsync(client, "settings"))["roles"]!.AsArray());
    }

    private static async Task PutRoleAsync(ApiClient client, string body)
    {
        using var content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await Http.PutAsync(new Uri(client.Root, "api/2.0/serverless/roles/owner"), content);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<string> RunAsync(ApiClient client) =>
        (string)(await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!["run_id"]!;

    private static async Task<JsonObject> GetAsync(ApiClient client, string path)
    {
        using var response = await Http.GetAsync(new Uri(client.Root, "api/2.0/serverless/" + path));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    private static async Task<HttpResponseMessage> IfNoneMatchAsync(Uri target, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.IfNoneMatch.Add(tag);
        return await Http.SendAsync(request);
    }

    /// <summary>A falling course, with a spike at step 1234 and no number at 777.</summary>
    private static JsonArray Points(int from, int count) =>
        [
            .. Enumerable
                .Range(from, count)
                .Select(step =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["key"] = "loss",
                            ["value"] = step == 777 ? JsonValue.Create("NaN") : JsonValue.Create(step == 1234 ? 99.0 : 1.0 / (step + 1)),
                            ["step"] = step,
                            ["timestamp"] = 1000 + step,
                        }
                ),
        ];
}
