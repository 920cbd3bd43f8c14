using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Data.Remotes;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>Datasets over HTTP.</summary>
public sealed class DatasetTests : IDisposable
{
    private readonly RemoteFixture fixture;
    private readonly string workspace = RemoteFixture.NewName();
    private readonly HttpClient http;
    private readonly TestFolder folder = new();

    public DatasetTests(RemoteFixture fixture)
    {
        this.fixture = fixture;
        http = new HttpClient { BaseAddress = new Uri($"{fixture.ApiUrl}/w/{workspace}/api/2.0/data/") };
    }

    public void Dispose()
    {
        http.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_version_is_committed_in_one_step_over_many_files()
    {
        var files = await UploadAsync(("a/1.txt", "one"), ("a/2.txt", "two"), ("b.txt", "three"));
        var version = await CommitAsync("raw", new JsonObject { ["add"] = files, ["message"] = "first" });

        Assert.Equal(1, (int)version["number"]!);
        Assert.Equal(11, (long)version["size"]!);
        Assert.Equal(3, (int)version["file_count"]!);
        // The digest is DVC's: the same folder added there has the same one.
        var listing =
            "["
            + string.Join(
                ", ",
                new[] { ("a/1.txt", "one"), ("a/2.txt", "two"), ("b.txt", "three") }.Select(f =>
                    $"{{\"md5\": \"{Md5(f.Item2)}\", \"relpath\": \"{f.Item1}\"}}"
                )
            )
            + "]";
        Assert.Equal(Md5(listing) + ".dir", (string)version["digest"]!);
        Assert.Equal(["a/1.txt", "a/2.txt", "b.txt"], await PathsAsync("raw", "main"));
    }

    [Fact]
    public async Task A_commit_names_what_it_goes_on_top_of_and_loses_against_a_branch_that_moved()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one")) });
        await CommitAsync("raw", new JsonObject { ["parent"] = 1, ["add"] = await UploadAsync(("b.txt", "two")) });

        foreach (var parent in (int?[])[1, null, 7])
        {
            var (status, error) = await SendAsync(
                "datasets/raw/commits",
                new JsonObject { ["parent"] = parent, ["add"] = await UploadAsync(("c.txt", "three")) }
            );
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains("is at version 2", (string)error["message"]!);
        }

        Assert.Equal(["a.txt", "b.txt"], await PathsAsync("raw", "main"));
    }

    [Fact]
    public async Task Of_commits_at_once_one_wins_and_none_is_lost_without_a_word()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one")) });
        var files = await UploadAsync([.. Enumerable.Range(0, 6).Select(i => ($"f{i}.txt", $"f{i}"))]);

        var answers = await Task.WhenAll(
            files.Select(f => SendAsync("datasets/raw/commits", new JsonObject { ["parent"] = 1, ["add"] = new JsonArray(f!.DeepClone()) }))
        );

        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.OK));
        Assert.Equal(5, answers.Count(a => a.Status == HttpStatusCode.Conflict));
        Assert.Equal(2, (await PathsAsync("raw", "main")).Count);
    }

    [Fact]
    public async Task Branches_do_not_stand_in_each_others_way()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one")) });
        var files = await UploadAsync([.. Enumerable.Range(0, 5).Select(i => ($"f{i}.txt", $"f{i}"))]);

        var versions = await Task.WhenAll(
            Enumerable
                .Range(0, 5)
                .Select(i => CommitAsync("raw", new JsonObject { ["branch"] = $"b{i}", ["add"] = new JsonArray(files[i]!.DeepClone()) }))
        );

        Assert.Equal([2, 3, 4, 5, 6], versions.Select(v => (int)v["number"]!).Order());
    }

    [Fact]
    public async Task The_same_commit_sent_again_is_the_same_version()
    {
        var commit = new JsonObject { ["commit_id"] = "run-7/out", ["add"] = await UploadAsync(("a.txt", "one")) };
        var first = await CommitAsync("raw", commit);
        var again = await CommitAsync("raw", commit);

        Assert.Equal((int)first["number"]!, (int)again["number"]!);
        Assert.Single((await GetAsync("datasets/raw/versions"))["versions"]!.AsArray());
    }

    [Fact]
    public async Task What_is_not_in_the_store_is_not_committed()
    {
        var (status, error) = await SendAsync(
            "datasets/raw/commits",
            new JsonObject { ["add"] = new JsonArray(new JsonObject { ["path"] = "a.txt", ["md5"] = Md5("nobody sent it") }) }
        );

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("lacks 1 of the committed files", (string)error["message"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("datasets/raw")).StatusCode);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("a/./b")]
    public async Task Paths_stay_inside(string path)
    {
        var file = (await UploadAsync(("a.txt", "one")))[0]!.DeepClone().AsObject();
        file["path"] = path;
        var (status, _) = await SendAsync("datasets/raw/commits", new JsonObject { ["add"] = new JsonArray(file) });
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task A_path_is_not_a_file_and_a_folder()
    {
        var (status, error) = await SendAsync(
            "datasets/raw/commits",
            new JsonObject { ["add"] = await UploadAsync(("a", "one"), ("a/b", "two")) }
        );
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("'a' would be both a file and", (string)error["message"]!);
    }

    [Fact]
    public async Task Versions_are_compared()
    {
        await CommitAsync(
            "raw",
            new JsonObject { ["add"] = await UploadAsync(("same", "s"), ("gone", "g"), ("old-name", "moved"), ("changed", "1")) }
        );
        await CommitAsync(
            "raw",
            new JsonObject
            {
                ["parent"] = 1,
                ["remove"] = new JsonArray("gone", "old-name"),
                ["add"] = await UploadAsync(("new-name", "moved"), ("changed", "2"), ("new", "n")),
            }
        );

        var diff = await GetAsync("datasets/raw/diff?from=1&to=main");

        string[] Paths(string kind) => [.. diff[kind]!.AsArray().Select(f => (string)f!["path"]!)];
        Assert.Equal(["new"], Paths("added"));
        Assert.Equal(["gone"], Paths("removed"));
        Assert.Equal(["changed"], Paths("modified"));
        Assert.Equal("old-name -> new-name", $"{diff["renamed"]![0]!["from"]} -> {diff["renamed"]![0]!["to"]}");
    }

    [Fact]
    public async Task One_file_goes_up_and_comes_down_without_the_rest()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one"), ("b.txt", "two")) });
        using var up = await http.PutAsync("datasets/raw/files/c/d.txt", new StringContent("new content"));
        Assert.Equal(HttpStatusCode.OK, up.StatusCode);

        Assert.Equal("new content", await http.GetStringAsync("datasets/raw/versions/2/files/c/d.txt"));
        Assert.Equal("two", await http.GetStringAsync("datasets/raw/versions/main/files/b.txt"));
        using var part = new HttpRequestMessage(HttpMethod.Get, "datasets/raw/versions/2/files/c/d.txt");
        part.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(4, 6);
        Assert.Equal("con", await (await http.SendAsync(part)).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("datasets/raw/versions/1/files/c/d.txt")).StatusCode);
    }

    [Fact]
    public async Task Files_that_come_at_once_all_stay()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one")) });

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => http.PutAsync($"datasets/raw/files/f{i}.txt", new StringContent($"f{i}")))
        );

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Equal(5, (await PathsAsync("raw", "main")).Count);
    }

    [Fact]
    public async Task A_part_of_a_version_comes_as_a_zip()
    {
        await CommitAsync(
            "raw",
            new JsonObject { ["add"] = await UploadAsync(("a/1.txt", "one"), ("a/2.txt", "two"), ("b.txt", "three")) }
        );

        await using var zip = new System.IO.Compression.ZipArchive(await http.GetStreamAsync("datasets/raw/versions/1/archive?prefix=a/"));

        Assert.Equal(["a/1.txt", "a/2.txt"], zip.Entries.Select(e => e.FullName));
        using var reader = new StreamReader(zip.Entries[1].Open());
        Assert.Equal("two", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Files_are_listed_by_pages()
    {
        await CommitAsync(
            "raw",
            new JsonObject { ["add"] = await UploadAsync([.. Enumerable.Range(0, 7).Select(i => ($"f{i}", $"{i}"))]) }
        );
        var paths = new List<string>();
        string? token = null;
        do
        {
            var page = await GetAsync(
                $"datasets/raw/versions/1/files?max_results=3{(token is null ? "" : "&page_token=" + Uri.EscapeDataString(token))}"
            );
            paths.AddRange(page["files"]!.AsArray().Select(f => (string)f!["path"]!));
            token = (string?)page["next_page_token"];
        } while (token is not null);

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"f{i}"), paths);
    }

    [Fact]
    public async Task A_link_reads_one_file_without_credentials()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "signed content")) });
        var link = await GetAsync("datasets/raw/versions/1/link/a.txt");

        Assert.True((bool)link["is_signed"]!);
        using var other = new HttpClient();
        Assert.Equal("signed content", await other.GetStringAsync((string)link["url"]!));
        var unsigned = ((string)link["url"]!).Split('?')[0];
        Assert.NotEqual(HttpStatusCode.OK, (await other.GetAsync(unsigned)).StatusCode);
    }

    [Fact]
    public async Task Tags_name_versions_and_move_only_when_told()
    {
        await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one")) });
        await CommitAsync("raw", new JsonObject { ["parent"] = 1, ["add"] = await UploadAsync(("a.txt", "two")) });
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("datasets/raw/tags/golden", new JsonObject { ["version"] = "1" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync("datasets/raw/tags/golden", new JsonObject { ["version"] = "2" })).Status);
        Assert.Equal("one", await http.GetStringAsync("datasets/raw/versions/golden/files/a.txt"));
        Assert.Equal(
            HttpStatusCode.OK,
            (await PutAsync("datasets/raw/tags/golden", new JsonObject { ["version"] = "main", ["move"] = true })).Status
        );
        Assert.Equal("two", await http.GetStringAsync("datasets/raw/versions/golden/files/a.txt"));
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync("datasets/raw/tags/12", new JsonObject { ["version"] = "1" })).Status);
    }

    [Fact]
    public async Task Lineage_leads_both_ways()
    {
        var made = await CommitAsync(
            "clean",
            new JsonObject { ["run_id"] = "0123456789abcdef0123456789abcdef", ["add"] = await UploadAsync(("a.txt", "one")) }
        );
        var digest = (string)made["digest"]!;
        await fixture.Workspaces.Get(workspace).Datasets.Lineage.RecordAsync("run-b", "train", [("data", digest)], []);

        var lineage = await GetAsync("datasets/clean/versions/1/lineage");

        Assert.Equal("0123456789abcdef0123456789abcdef", (string)lineage["made_by_run"]!);
        Assert.Equal("run-b", (string)lineage["used_by"]![0]!["run_id"]!);
        Assert.Equal("clean", (string)lineage["versions"]![0]!["dataset"]!);
    }

    [Fact]
    public async Task The_platform_tells_what_it_uses()
    {
        var version = await CommitAsync("raw", new JsonObject { ["add"] = await UploadAsync(("a.txt", "one")) });

        var uses = (await GetAsync("in-use"))["in_use"]!.AsArray().ToDictionary(u => (string)u!["digest"]!, u => (string)u!["by"]!);

        Assert.StartsWith("a dataset", uses[(string)version["digest"]!]);
    }

    [Fact]
    public async Task The_remote_touches_nothing_but_objects()
    {
        foreach (var name in (string[])["logs/x", "artifacts/1/run/secret.txt", "files/md5/../../other/x", "files/md5/ab/CDEF"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync("objects/" + name)).StatusCode);
            Assert.Equal(HttpStatusCode.BadRequest, (await http.PutAsync("objects/" + name, new StringContent("x"))).StatusCode);
        }

        var id = ObjectId.Parse(Md5("x"));
        Assert.Equal(HttpStatusCode.OK, (await http.PutAsync("objects/" + id.RemoteName, new StringContent("x"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.DeleteAsync("objects/" + id.RemoteName)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PutAsync("objects/" + id.RemoteName, new StringContent("not x"))).StatusCode);
        Assert.Equal("x", await http.GetStringAsync("objects/" + id.RemoteName));
    }

    [Fact]
    public async Task A_listing_is_refused_until_its_files_are_there()
    {
        var here = Caches.New(folder);
        var data = here.PutFolder(3);
        var bytes = File.ReadAllBytes(here.PathOf(data.Digest));

        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await http.PutAsync("objects/" + data.RemoteName, new ByteArrayContent(bytes))).StatusCode
        );
        await using var remote = fixture.Api(workspace);
        Assert.Equal(4, (await new ObjectUpload(remote, here).PushAsync([data])).Count);
    }

    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    private async Task<JsonArray> UploadAsync(params (string Path, string Text)[] files)
    {
        var added = new JsonArray();
        foreach (var (path, text) in files)
        {
            using var answer = await http.PutAsync("objects/" + ObjectId.Parse(Md5(text)).RemoteName, new StringContent(text));
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            added.Add(
                new JsonObject
                {
                    ["path"] = path,
                    ["md5"] = Md5(text),
                    ["size"] = text.Length,
                }
            );
        }

        return added;
    }

    private async Task<JsonNode> CommitAsync(string dataset, JsonObject commit)
    {
        var (status, answer) = await SendAsync($"datasets/{dataset}/commits", commit);
        Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
        return answer["version"]!;
    }

    private async Task<IReadOnlyList<string>> PathsAsync(string dataset, string version) =>
        [.. (await GetAsync($"datasets/{dataset}/versions/{version}/files"))["files"]!.AsArray().Select(f => (string)f!["path"]!)];

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await http.GetStringAsync(path))!;

    private async Task<(HttpStatusCode Status, JsonNode Json)> SendAsync(string path, JsonObject body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private async Task<(HttpStatusCode Status, JsonNode Json)> PutAsync(string path, JsonObject body)
    {
        using var answer = await http.PutAsJsonAsync(path, body);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
