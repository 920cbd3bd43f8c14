using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Automation.Policies.Records;

namespace Serverless.Api.Tests;

/// <summary>Policies and the inbox over HTTP.</summary>
public sealed class PolicyTests(ApiFixture api)
{
    [Fact]
    public async Task A_policy_is_shown_changed_paused_and_resumed()
    {
        var workspace = ApiFixture.NewWorkspace();
        await ApplyAsync(workspace);
        using var http = Http(workspace);

        var shown = await JsonAsync(await http.GetAsync("api/2.0/policies/m"));
        var paused = await JsonAsync(await http.PostAsync("api/2.0/policies/m/pause", Body("""{"reason": "prices"}""")));
        var listed = await JsonAsync(await http.GetAsync("api/2.0/policies"));
        var resumed = await JsonAsync(await http.PostAsync("api/2.0/policies/m/resume", null));
        var history = await JsonAsync(await http.GetAsync("api/2.0/policies/m/history"));

        Assert.Equal(1, shown.GetProperty("policy").GetProperty("revision").GetInt32());
        Assert.Equal("prices", paused.GetProperty("state").GetProperty("paused").GetProperty("reason").GetString());
        Assert.Single(listed.GetProperty("policies").EnumerateArray());
        Assert.False(resumed.GetProperty("state").TryGetProperty("paused", out _));
        Assert.Equal("tester", Assert.Single(history.GetProperty("revisions").EnumerateArray()).GetProperty("applied_by").GetString());
    }

    [Fact]
    public async Task An_upload_goes_into_the_inbox_of_its_workspace()
    {
        var workspace = ApiFixture.NewWorkspace();
        using var http = Http(workspace);

        var dropped = await JsonAsync(await http.PostAsync("api/2.0/inbox/d?file=a.csv", Body("a,b\n1,2\n")));
        var listed = await JsonAsync(await http.GetAsync("api/2.0/inbox/d"));

        var blob = Assert.Single(await api.Services(workspace).Store.Inbox.ListAsync());
        Assert.Equal(("d", "a.csv", blob.Key), (blob.Dataset, blob.File, dropped.GetProperty("key").GetString()));
        Assert.Empty(listed.GetProperty("uploads").EnumerateArray());
    }

    [Theory]
    [InlineData("GET", "api/2.0/policies/none", null, HttpStatusCode.NotFound, "has no policy")]
    [InlineData("GET", "api/2.0/policies/m/decisions?max_results=0", null, HttpStatusCode.BadRequest, "max_results")]
    [InlineData("POST", "api/2.0/policies/m/pause", """{"raeson": "x"}""", HttpStatusCode.BadRequest, "raeson")]
    [InlineData("POST", "api/2.0/inbox/d", "a", HttpStatusCode.BadRequest, "is not a valid file name")]
    [InlineData("POST", "api/2.0/inbox/d?file=../x", "a", HttpStatusCode.BadRequest, "is not a valid file name")]
    [InlineData("POST", "api/2.0/policies/m/train", "{}", HttpStatusCode.NotImplemented, "does not run pipelines")]
    public async Task What_is_wrong_is_answered_in_words(string method, string path, string? body, HttpStatusCode status, string message)
    {
        var workspace = ApiFixture.NewWorkspace();
        await ApplyAsync(workspace);
        using var http = Http(workspace);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : Body(body) };

        var answer = await http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(message, (await JsonAsync(answer)).GetProperty("message").GetString());
    }

    private async Task ApplyAsync(string workspace) =>
        await api.Services(workspace)
            .Policies.ApplyAsync(
                new PolicyRevision
                {
                    Model = "m",
                    Revision = 0,
                    Text = "model: m\n",
                    File = "policy.yaml",
                    Digest = "d",
                    PipelineDigest = "p",
                    AppliedBy = "tester",
                    AppliedAt = default,
                },
                []
            );

    private HttpClient Http(string workspace) => new() { BaseAddress = api.Client(workspace).Root };

    private static StringContent Body(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
