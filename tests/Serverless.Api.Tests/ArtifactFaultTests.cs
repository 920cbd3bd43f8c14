using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Api.Tests;

public sealed class ArtifactFaultTests(ApiFixture api)
{
    private const int Large = 11 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_that_breaks_off_leaves_what_was_there(bool isReset)
    {
        var client = new ArtifactClient(api.Client().Root);
        await client.PutAsync("old.bin", "old");
        foreach (var name in (string[])["old.bin", "new.bin"])
        {
            foreach (var length in (int[])[Large, 100])
            {
                var target = new Uri(client.Root, $"{ArtifactClient.Artifacts}/{name}").AbsolutePath;
                var half = ArtifactClient.Bytes(length * 3 / 4);
                await client.BreakOffAsync($"PUT {target} HTTP/1.1\nHost: x\nContent-Length: {length}\n\n", half, isReset);
                await client.BreakOffAsync($"PUT {target} HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n{length:x}\n", half, isReset);
            }
        }

        Assert.Equal("old"u8.ToArray(), await client.FindAsync("old.bin"));
        Assert.Equal(["old.bin 3"], await client.ListAsync(""));
        // The path is free again at once.
        var bytes = ArtifactClient.Bytes(Large);
        await client.PutAsync("new.bin", bytes);
        Assert.Equal(ArtifactClient.Digest(bytes), ArtifactClient.Digest(await client.FindAsync("new.bin")));
    }

    [Fact]
    public async Task Of_many_uploads_of_one_path_to_one_host_one_is_there_as_a_whole()
    {
        var client = new ArtifactClient(api.Client().Root);
        var all = Enumerable.Range(0, 6).Select(i => ArtifactClient.Bytes(i % 2 == 0 ? Large : 1000 + i, i)).ToList();
        await Task.WhenAll(all.Select(bytes => client.PutAsync("same.bin", bytes)));

        Assert.Contains(ArtifactClient.Digest(await client.FindAsync("same.bin")), all.Select(ArtifactClient.Digest));
    }

    [Fact]
    public async Task Two_hosts_that_upload_one_path_never_mix_and_who_loses_is_told_to_send_it_again()
    {
        var workspace = ApiFixture.NewWorkspace();
        var hosts = new[] { new ArtifactClient(api.Client(workspace).Root), new ArtifactClient(api.Client(workspace, 1).Root) };
        var all = Enumerable.Range(0, 8).Select(i => ArtifactClient.Bytes(Large, i)).ToList();
        var answers = await Task.WhenAll(
            all.Select(
                (bytes, i) => hosts[i % 2].SendAsync(HttpMethod.Put, $"{ArtifactClient.Artifacts}/same.bin", new ByteArrayContent(bytes))
            )
        );

        Assert.All(
            answers,
            a => Assert.True(a.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, a.StatusCode.ToString())
        );
        Assert.All(answers.Where(a => a.StatusCode != HttpStatusCode.OK), a => Assert.NotNull(a.Headers.RetryAfter));
        var stored = all.Where((_, i) => answers[i].StatusCode == HttpStatusCode.OK).Select(ArtifactClient.Digest);
        Assert.Contains(ArtifactClient.Digest(await hosts[0].FindAsync("same.bin")), stored);
    }

    [Fact]
    public async Task While_the_store_is_away_the_answer_is_503_and_a_download_that_it_breaks_is_not_taken_for_whole()
    {
        var azurite = new AzuriteFixture();
        await azurite.InitializeAsync();
        var isAway = false;
        try
        {
            var store = await Store.OpenAsync(
                new StorageOptions { ConnectionString = azurite.ConnectionString, OutageTolerance = TimeSpan.FromSeconds(1) }
            );
            await using var app = await StartAsync(store);
            var client = new ArtifactClient(new Uri(app.Urls.First() + "/"));
            await client.PutAsync("big.bin", ArtifactClient.Bytes(64 << 20));
            using var download = await client.SendAsync(HttpMethod.Get, $"{ArtifactClient.Artifacts}/big.bin");
            isAway = true;
            await azurite.DisposeAsync();
            await WaitUntilAwayAsync(azurite.ConnectionString);

            await Assert.ThrowsAnyAsync<Exception>(() => download.Content.ReadAsByteArrayAsync());
            foreach (
                var (method, path) in ((HttpMethod, string)[])
                    [
                        (HttpMethod.Put, "/big.bin"),
                        (HttpMethod.Get, "/big.bin"),
                        (HttpMethod.Get, "?path="),
                        (HttpMethod.Delete, "/big.bin"),
                    ]
            )
            {
                using var answer = await client.SendAsync(
                    method,
                    ArtifactClient.Artifacts + path,
                    method == HttpMethod.Put ? new ByteArrayContent(ArtifactClient.Bytes(Large)) : null
                );
                await ArtifactClient.AssertFailsAsync(answer, HttpStatusCode.ServiceUnavailable, ErrorCodes.TemporarilyUnavailable);
                Assert.NotNull(answer.Headers.RetryAfter);
            }
        }
        finally
        {
            if (!isAway)
            {
                await azurite.DisposeAsync();
            }
        }
    }

    private static async Task WaitUntilAwayAsync(string connectionString)
    {
        var blobs = connectionString.Split(';').First(p => p.StartsWith("BlobEndpoint=", StringComparison.Ordinal))[
            "BlobEndpoint=".Length..
        ];
        using var probe = new HttpClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    using var _ = await probe.GetAsync(new Uri(blobs));
                    return false;
                }
                catch (HttpRequestException)
                {
                    return true;
                }
            },
            () => "the store answers no more"
        );
    }

    private static async Task<WebApplication> StartAsync(Store store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapServerless(new Workspaces(store, TimeProvider.System));
        await app.StartAsync();
        return app;
    }
}
