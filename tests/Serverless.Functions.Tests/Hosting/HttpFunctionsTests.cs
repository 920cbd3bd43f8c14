using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serverless.Api;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Functions.Tests.Durable;
using Serverless.Testing;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>What a client of the functions app sees.</summary>
public sealed class HttpFunctionsTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly DurableWorld world = new(_ => throw new NotSupportedException());
    private FunctionsApp app = null!;

    private HttpClient Client => app.Client;

    public async ValueTask InitializeAsync() =>
        app = await FunctionsApp.StartAsync(new Workspaces(await azurite.OpenStoreAsync("default"), TimeProvider.System), world);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task The_surface_of_the_local_host_answers_where_clients_look()
    {
        Assert.Equal("OK", await Client.GetStringAsync("/health"));
        Assert.Equal(ServerlessApi.Version, await Client.GetStringAsync("/version"));
        var name = "e" + Ids.NewId();
        using var made = await Client.PostAsJsonAsync("/api/2.0/mlflow/experiments/create", new { name });
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        var found = JsonNode.Parse(await Client.GetStringAsync("/api/2.0/mlflow/experiments/get-by-name?experiment_name=" + name));
        Assert.Equal(name, (string)found!["experiment"]!["name"]!);
    }

    [Fact]
    public async Task The_API_is_described_as_the_local_host_describes_it()
    {
        var document = JsonNode.Parse(await Client.GetStringAsync("/openapi/v1.json"))!;

        Assert.Equal("/", (string)document["servers"]![0]!["url"]!);
        Assert.NotNull(document["paths"]!["/api/2.0/policies/{model}"]!["put"]);
        Assert.Contains("openapi/v1.json", await Client.GetStringAsync("/docs/"), StringComparison.Ordinal);
        using var script = await Client.GetAsync("/docs/scalar.js", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_is_told_as_the_local_host_tells_it()
    {
        using var answer = await Client.GetAsync("/api/2.0/mlflow/nothing");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("ENDPOINT_NOT_FOUND", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error_code"]!);
    }

    [Fact]
    public async Task Without_the_platforms_sign_in_nobody_is_signed_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/entra/version");
        request.Headers.Add("X-MS-CLIENT-PRINCIPAL-ID", "somebody");
        using var refused = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    /// <summary>What is encoded twice by the time it is here stays one segment, as the local host has it.</summary>
    [Theory]
    [InlineData("a file.txt", "a%20file.txt")]
    [InlineData("folder/file.txt", "folder%2Ffile.txt")]
    [InlineData("50%.txt", "50%25.txt")]
    public async Task A_path_comes_through_as_it_was_sent(string name, string sent)
    {
        var folder = "p" + Ids.NewId();
        using var put = await Client.PutAsync(
            $"api/2.0/mlflow-artifacts/artifacts/{folder}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}",
            new StringContent(name)
        );
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);

        Assert.Equal(name, await Client.GetStringAsync($"api/2.0/mlflow-artifacts/artifacts/{folder}/{sent}"));
    }

    /// <summary>Kestrel's own limit is 30 MB; what a route says of its size holds behind the worker's endpoint as well.</summary>
    [Fact]
    public async Task A_large_file_streams_through_in_both_directions()
    {
        var bytes = new byte[31_000_000];
        bytes[^1] = 7;
        var path = $"api/2.0/mlflow-artifacts/artifacts/l{Ids.NewId()}/large.bin";
        using var put = await Client.PutAsync(path, new ByteArrayContent(bytes));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);

        await using var back = await Client.GetStreamAsync(path);
        using var read = new MemoryStream();
        await back.CopyToAsync(read);
        Assert.True(read.ToArray().AsSpan().SequenceEqual(bytes));
    }
}
