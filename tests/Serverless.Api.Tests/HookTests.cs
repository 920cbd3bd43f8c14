using System.Security.Cryptography;
using System.Text;
using Serverless.Automation.Hooks;

namespace Serverless.Api.Tests;

/// <summary>`POST /hooks/github`: nothing is taken in that GitHub did not sign.</summary>
public sealed class HookTests(ApiFixture api)
{
    private const string Push =
        """{"ref":"refs/heads/main","after":"0123456789abcdef0123456789abcdef01234567","""
        + """ "repository":{"full_name":"acme/churn"},"commits":[]}""";

    [Fact]
    public async Task A_signed_push_is_taken_in_once()
    {
        var workspace = ApiFixture.NewWorkspace();
        Assert.Equal(202, await PostAsync(workspace, Push, "push", "d-1"));
        Assert.Equal(202, await PostAsync(workspace, Push, "push", "d-1"));
        var services = api.Services(workspace);
        var delivery = await new HookStore(services.Store, services.Time).FindAsync("d-1");
        Assert.Equal("acme/churn", delivery!.Push.Repository);
        Assert.Equal(DeliveryState.Received, delivery.State);
    }

    [Theory]
    [InlineData("{\"zen\":\"x\"}", "ping", 200)]
    [InlineData("{}", "issues", 202)]
    [InlineData("{}", "push", 400)]
    [InlineData("not json", "push", 400)]
    [InlineData(
        """{"ref":"refs/tags/v1","after":"0123456789abcdef0123456789abcdef01234567","repository":{"full_name":"a/b"}}""",
        "push",
        202
    )]
    [InlineData(
        """{"ref":"refs/heads/x","after":"0000000000000000000000000000000000000000","repository":{"full_name":"a/b"}}""",
        "push",
        202
    )]
    [InlineData("""{"ref":"refs/heads/x","after":"../../../../etc","repository":{"full_name":"a/b"}}""", "push", 400)]
    public async Task What_is_no_push_of_a_commit_starts_nothing(string body, string kind, int status) =>
        Assert.Equal(status, await PostAsync(ApiFixture.NewWorkspace(), body, kind, "d-1"));

    [Fact]
    public async Task A_wrong_or_missing_signature_is_401()
    {
        Assert.Equal(401, await PostAsync(ApiFixture.NewWorkspace(), Push, "push", "d-1", secret: "another"));
        Assert.Equal(401, await PostAsync(ApiFixture.NewWorkspace(), Push, "push", "d-1", signature: ""));
        Assert.Equal(401, await PostAsync(ApiFixture.NewWorkspace(), Push, "push", "d-1", signature: "sha256=" + new string('z', 64)));
        Assert.Equal(401, await PostAsync(ApiFixture.NewWorkspace(), Push, "push", "d-1", signature: "sha1=" + new string('0', 40)));
    }

    /// <summary>The example of GitHub's documentation.</summary>
    [Fact]
    public void The_signature_is_GitHubs() =>
        Assert.True(
            GithubSignature.IsValid(
                "It's a Secret to Everybody",
                "Hello, World!"u8,
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            )
        );

    private async Task<int> PostAsync(
        string workspace,
        string body,
        string kind,
        string id,
        string secret = ApiFixture.WebhookSecret,
        string? signature = null
    )
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Client(workspace).Root, "hooks/github"))
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Headers.Add("X-GitHub-Event", kind);
        request.Headers.Add("X-GitHub-Delivery", id);
        if (signature is not "")
        {
            request.Headers.Add(
                "X-Hub-Signature-256",
                signature ?? "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), bytes))
            );
        }

        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
