using System.Net;
using Serverless.Core;

namespace Serverless.Api.Tests;

public sealed class ArtifactTransferTests(ApiFixture api)
{
    private const int Block = 4 << 20;

    private ArtifactClient Client() => new(api.Client().Root);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block - 1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData((5 * Block) + 17)]
    public async Task A_file_of_any_length_comes_back_as_it_was_sent_whether_its_length_was_known_or_not(int length)
    {
        var client = Client();
        var bytes = ArtifactClient.Bytes(length);
        await client.PutAsync("1/known.bin", bytes);
        using var response = await client.SendAsync(
            HttpMethod.Put,
            $"{ArtifactClient.Artifacts}/1/unknown.bin",
            new StreamContent(new UnknownLength(bytes))
        );
        Assert.Equal("{}", await response.Content.ReadAsStringAsync());

        Assert.Equal(ArtifactClient.Digest(bytes), ArtifactClient.Digest(await client.FindAsync("1/known.bin")));
        Assert.Equal(ArtifactClient.Digest(bytes), ArtifactClient.Digest(await client.FindAsync("1/unknown.bin")));
        Assert.Equal([$"known.bin {length}", $"unknown.bin {length}"], await client.ListAsync("1"));
    }

    [Fact]
    public async Task A_file_is_replaced_and_folders_come_and_go_with_their_files()
    {
        var client = Client();
        await client.PutAsync("a.txt", "0");
        await client.PutAsync("dir/b.txt", "1");
        await client.PutAsync("dir/deep/c.txt", "22");
        await client.PutAsync("dir-2/d.txt", "3");
        await client.PutAsync("a.txt", "00");
        // Python's order: upper case first, and what lies beyond U+FFFF last.
        await client.PutAsync("Z", "");
        await client.PutAsync(Uri.EscapeDataString("\U0001F600"), "");
        await client.PutAsync(Uri.EscapeDataString("\uFFFD"), "");

        Assert.Equal(["Z 0", "a.txt 2", "dir/", "dir-2/", "\uFFFD 0", "\U0001F600 0"], await client.ListAsync(""));
        Assert.Equal(["b.txt 1", "deep/"], await client.ListAsync("dir"));
        Assert.Equal(["b.txt 1", "deep/"], await client.ListAsync("dir/"));
        Assert.Empty(await client.ListAsync("a.txt"));
        Assert.Empty(await client.ListAsync("none"));

        foreach (var path in (string[])["dir", "a.txt", "none", "a.txt"])
        {
            using var deleted = await client.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/{path}");
            Assert.Equal("{}", await deleted.Content.ReadAsStringAsync());
        }

        Assert.Null(await client.FindAsync("dir/deep/c.txt"));
        Assert.Equal(["Z 0", "dir-2/", "\uFFFD 0", "\U0001F600 0"], await client.ListAsync(""));
        using var root = await client.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/");
        await ArtifactClient.AssertFailsAsync(root, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        using var missing = await client.SendAsync(HttpMethod.Get, $"{ArtifactClient.Artifacts}/a.txt");
        await ArtifactClient.AssertFailsAsync(missing, HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);
    }

    [Theory]
    [InlineData("a%23b.txt", "a#b.txt")]
    [InlineData("a%2523b.txt", "a#b.txt")]
    [InlineData("two%20words%20.txt", "two words .txt")]
    [InlineData("%C3%BC%E4%BD%A0%F0%9F%98%80.txt", "ü你😀.txt")]
    [InlineData("q%3Fand%26+%3D;'.txt", "q?and&+=;'.txt")]
    [InlineData("100%25.txt", "100%.txt")]
    [InlineData("dog%25step%25100%25timestamp%25100%25g.png", "dog%step%100%timestamp%100%g.png")]
    [InlineData("a%5Cb.txt", "a%5cb.txt")]
    [InlineData("...", "...")]
    [InlineData("content", "content")]
    public async Task Names_are_kept(string sent, string kept)
    {
        var client = Client();
        await client.PutAsync($"d/{sent}", "x");

        Assert.Equal([$"{kept} 1"], await client.ListAsync("d"));
        Assert.NotNull(await client.FindAsync($"d/{sent}"));
        Assert.NotNull(await client.FindAsync($"d/{Uri.EscapeDataString(kept)}"));
        using var deleted = await client.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/d/{sent}");
        Assert.Empty(await client.ListAsync("d"));
    }

    [Fact]
    public async Task The_python_client_gets_names_that_it_does_not_refuse()
    {
        var client = Client();
        var python = ("User-Agent", "mlflow-python-client/2.22.1");
        await client.PutAsync("d/step%23.png", "x");

        Assert.Equal(["step＃.png 1"], await client.ListAsync("d", python));
        using var shown = await client.SendAsync(
            HttpMethod.Get,
            $"{ArtifactClient.Artifacts}/d/{Uri.EscapeDataString("step＃.png")}",
            null,
            python
        );
        Assert.Equal("x", await shown.Content.ReadAsStringAsync());
        // It does not encode `?`: the rest of the name comes as a query.
        using var put = await client.SendAsync(HttpMethod.Put, $"{ArtifactClient.Artifacts}/d/why?.txt", new StringContent("y"), python);
        Assert.Equal(["step#.png 1", "why?.txt 1"], await client.ListAsync("d"));
    }

    [Theory]
    [InlineData("..%2fetc")]
    [InlineData("%252e%252e%252fetc")]
    [InlineData("%25252e%25252e/etc")]
    [InlineData("a/..%2f..%2fb")]
    [InlineData("a/..%5cb")]
    [InlineData("%5c%5cserver%5cshare")]
    [InlineData("%2fetc/passwd")]
    [InlineData("%252fetc/passwd")]
    [InlineData("C:%5cx")]
    [InlineData("C:/x")]
    [InlineData("file:/etc/passwd")]
    [InlineData("file:%2f%2f%2fetc")]
    [InlineData("%252%09e%252%09e/path")]
    [InlineData("%2%0952e%2%0952e/%2%0A52e%2%0A52e/path")]
    public async Task Ways_out_of_the_root_are_refused(string path)
    {
        var client = Client();
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete])
        {
            using var refused = await client.SendAsync(
                method,
                $"{ArtifactClient.Artifacts}/{path}",
                method == HttpMethod.Put ? new StringContent("x") : null
            );
            await ArtifactClient.AssertFailsAsync(refused, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        }

        using var list = await client.SendAsync(HttpMethod.Get, $"{ArtifactClient.Artifacts}?path={path}");
        await ArtifactClient.AssertFailsAsync(list, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
    }

    [Theory]
    [InlineData("/a/../b.txt", "400")]
    [InlineData("/a/%2e%2e/b.txt", "400")]
    [InlineData("/a/.%2e/b.txt", "400")]
    [InlineData("/../../../../etc/passwd", "404")]
    [InlineData("/a%00b", "400")]
    [InlineData("?path=a%00b", "400")]
    public async Task So_are_those_that_a_server_resolves_before_anybody_looks(string rest, string status)
    {
        var client = Client();
        await client.PutAsync("b.txt", "secret");
        var target = new Uri(client.Root, ArtifactClient.Artifacts).AbsolutePath + rest;
        var answer = await client.SendRawAsync($"GET {target} HTTP/1.1\nHost: x\nConnection: close\n\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_a_file_are_given_and_only_its_headers_where_that_is_asked()
    {
        var client = Client();
        await client.PutAsync("f.bin", "0123456789");
        const string path = ArtifactClient.Artifacts + "/f.bin";

        async Task<(int Status, string Body, string? Range)> Get(params (string, string)[] headers)
        {
            using var response = await client.SendAsync(HttpMethod.Get, path, null, headers);
            return (
                (int)response.StatusCode,
                await response.Content.ReadAsStringAsync(),
                response.Content.Headers.ContentRange?.ToString()
            );
        }

        Assert.Equal((206, "123", "bytes 1-3/10"), await Get(("Range", "bytes=1-3")));
        Assert.Equal((206, "89", "bytes 8-9/10"), await Get(("Range", "bytes=-2")));
        Assert.Equal((206, "0123456789", "bytes 0-9/10"), await Get(("Range", "bytes=-20")));
        Assert.Equal((206, "89", "bytes 8-9/10"), await Get(("Range", "bytes=8-99")));
        Assert.Equal((416, "", "bytes */10"), await Get(("Range", "bytes=10-")));
        Assert.Equal((200, "0123456789", null), await Get(("Range", "bytes=1-2,4-5")));
        Assert.Equal((200, "0123456789", null), await Get(("Range", "lines=1-2")));
        Assert.Equal((200, "0123456789", null), await Get(("Range", "bytes=1-3"), ("If-Range", "\"other\"")));

        using var head = await client.SendAsync(HttpMethod.Head, path);
        Assert.Equal(10, head.Content.Headers.ContentLength);
        var tag = head.Headers.ETag!.ToString();
        Assert.Equal((206, "123", "bytes 1-3/10"), await Get(("Range", "bytes=1-3"), ("If-Range", tag)));
        Assert.Equal(304, (await Get(("If-None-Match", tag))).Status);
        await client.PutAsync("f.bin", "other");
        Assert.Equal((200, "other", null), await Get(("If-None-Match", tag)));
        using var missing = await client.SendAsync(HttpMethod.Head, path + "x");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Theory]
    [InlineData("a.txt", "text/plain", "a.txt")]
    [InlineData("MLmodel", "text/plain", "MLmodel")]
    [InlineData("MLproject", "text/plain", "MLproject")]
    [InlineData("conda.yaml", "text/plain", "conda.yaml")]
    [InlineData("m.json", "text/plain", "m.json")]
    [InlineData("M.JSON", "application/json", "M.JSON")]
    [InlineData("b.pkl", "application/octet-stream", "b.pkl")]
    [InlineData("none", "application/octet-stream", "none")]
    [InlineData("c.png", "image/png", "c.png")]
    [InlineData("d.PDF", "application/pdf", "d.PDF")]
    [InlineData("page.html", "text/html", "page.html")]
    [InlineData("t.csv.gz", "text/csv", "t.csv.gz")]
    [InlineData("t.tgz", "application/x-tar", "t.tgz")]
    [InlineData("t.gz", "application/octet-stream", "t.gz")]
    [InlineData("two words.txt", "text/plain", "\"two words.txt\"")]
    [InlineData("ü.txt", "text/plain", "\"_.txt\"; filename*=UTF-8''%C3%BC.txt")]
    public async Task A_file_says_what_it_is_and_is_never_shown_in_place(string name, string type, string disposition)
    {
        var client = Client();
        await client.PutAsync($"dir/{Uri.EscapeDataString(name)}", "x");
        using var response = await client.SendAsync(
            HttpMethod.Get,
            $"{ArtifactClient.Artifacts}/dir/{Uri.EscapeDataString(name)}",
            null,
            ("Accept", "text/html")
        );

        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        Assert.Equal($"attachment; filename={disposition}", response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    /// <summary>Content whose length nobody knows: it is sent in chunks.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
