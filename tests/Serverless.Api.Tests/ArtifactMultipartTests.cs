using System.Net;
using System.Text.Json.Nodes;
using Serverless.Core;

namespace Serverless.Api.Tests;

public sealed class ArtifactMultipartTests(ApiFixture api)
{
    private const string Mpu = "api/2.0/mlflow-artifacts/mpu/";
    private const int Part = 5 << 20;

    private ArtifactClient Client() => new(api.Client().Root);

    private static async Task<HttpResponseMessage> PostAsync(ArtifactClient client, string path, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        return await client.SendAsync(HttpMethod.Post, Mpu + path, content);
    }

    private static async Task<(string Id, string[] Urls)> CreateAsync(ArtifactClient client, string folder, string file, int parts)
    {
        using var response = await PostAsync(client, $"create/{folder}", new JsonObject { ["path"] = file, ["num_parts"] = parts });
        var json = await ArtifactClient.JsonAsync(response);
        var credentials = json["credentials"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, parts), credentials.Select(c => (int)c!["part_number"]!));
        return ((string)json["upload_id"]!, [.. credentials.Select(c => (string)c!["url"]!)]);
    }

    private static async Task<string> PutPartAsync(ArtifactClient client, string url, byte[] bytes)
    {
        using var response = await client.SendAsync(HttpMethod.Put, url, new ByteArrayContent(bytes));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.ETag!.ToString();
    }

    private static JsonObject Complete(string id, string file, params (int Number, string Tag)[] parts) =>
        new()
        {
            ["path"] = file,
            ["upload_id"] = id,
            ["parts"] = new JsonArray([.. parts.Select(p => new JsonObject { ["part_number"] = p.Number, ["etag"] = p.Tag })]),
        };

    [Fact]
    public async Task Parts_come_in_any_order_and_again_and_nothing_is_seen_before_all_are_there()
    {
        var client = Client();
        var parts = new[] { ArtifactClient.Bytes(Part, 1), ArtifactClient.Bytes(Part, 2), ArtifactClient.Bytes(100, 3) };
        // The client sends the file's own path; its name counts.
        var (id, urls) = await CreateAsync(client, "0/run/artifacts/models", "/home/me/big.bin", 3);
        var third = await PutPartAsync(client, urls[2], parts[2]);
        await PutPartAsync(client, urls[0], ArtifactClient.Bytes(Part + 500, 9));
        var tags = await Task.WhenAll(PutPartAsync(client, urls[0], parts[0]), PutPartAsync(client, urls[1], parts[1]));
        Assert.Empty(await client.ListAsync("0/run/artifacts/models"));

        var complete = Complete(id, "/home/me/big.bin", (3, third), (1, tags[0]), (2, tags[1]));
        using var first = await PostAsync(client, "complete/0/run/artifacts/models", complete);
        using var again = await PostAsync(client, "complete/0/run/artifacts/models", complete);

        Assert.Equal("{}", await first.Content.ReadAsStringAsync());
        Assert.Equal("{}", await again.Content.ReadAsStringAsync());
        Assert.Equal(
            ArtifactClient.Digest([.. parts[0], .. parts[1], .. parts[2]]),
            ArtifactClient.Digest(await client.FindAsync("0/run/artifacts/models/big.bin"))
        );
    }

    [Fact]
    public async Task What_is_missing_or_wrong_is_told_and_nothing_is_stored()
    {
        var client = Client();
        var (id, urls) = await CreateAsync(client, "", "f.bin", 2);
        var one = await PutPartAsync(client, urls[0], "1"u8.ToArray());
        var two = await PutPartAsync(client, urls[1], "2"u8.ToArray());

        async Task Refuse(
            string path,
            JsonObject body,
            HttpStatusCode status = HttpStatusCode.BadRequest,
            string code = ErrorCodes.InvalidParameterValue
        )
        {
            using var response = await PostAsync(client, path, body);
            await ArtifactClient.AssertFailsAsync(response, status, code);
        }

        await Refuse("complete/", Complete(id, "f.bin", (1, one)));
        await Refuse("complete/", Complete(id, "f.bin", (1, one), (1, one)));
        await Refuse("complete/", Complete(id, "f.bin", (1, one), (2, two), (3, two)));
        await Refuse("complete/", Complete(id, "f.bin", (1, one), (2, "nonsense")));
        await Refuse("complete/", Complete(id, "f.bin", (1, one), (2, "\"0123456789abcdef-99999999\"")));
        await Refuse(
            "complete/",
            Complete(id, "f.bin", (1, one), (2, "\"0123456789abcdef-1\"")),
            HttpStatusCode.Conflict,
            ErrorCodes.ResourceConflict
        );
        await Refuse("complete/", Complete(id, "g.bin", (1, one), (2, two)));
        await Refuse("complete/", Complete("other", "f.bin", (1, one), (2, two)), HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);
        await Refuse("complete/", new JsonObject { ["path"] = "f.bin", ["upload_id"] = id });
        await Refuse("create/", new JsonObject { ["path"] = "f.bin", ["num_parts"] = 0 });
        await Refuse("create/", new JsonObject { ["path"] = "f.bin", ["num_parts"] = 10_001 });
        await Refuse("create/..%2f..", new JsonObject { ["path"] = "f.bin", ["num_parts"] = 1 });
        await Refuse("create/", new JsonObject { ["path"] = "..", ["num_parts"] = 1 });
        await Refuse("create/", new JsonObject { ["num_parts"] = 1 });
        using var beyond = await client.SendAsync(HttpMethod.Put, urls[0][..^1] + "3", new StringContent("x"));
        await ArtifactClient.AssertFailsAsync(beyond, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        Assert.Empty(await client.ListAsync(""));

        using var complete = await PostAsync(client, "complete/", Complete(id, "f.bin", (1, one), (2, two)));
        Assert.Equal("12"u8.ToArray(), await client.FindAsync("f.bin"));
    }

    [Fact]
    public async Task An_aborted_upload_takes_no_part_and_is_not_completed()
    {
        var client = Client();
        var (id, urls) = await CreateAsync(client, "d", "f.bin", 1);
        var tag = await PutPartAsync(client, urls[0], "1"u8.ToArray());
        for (var i = 0; i < 2; i++)
        {
            using var aborted = await PostAsync(client, "abort/d", new JsonObject { ["path"] = "f.bin", ["upload_id"] = id });
            Assert.Equal("{}", await aborted.Content.ReadAsStringAsync());
        }

        using var part = await client.SendAsync(HttpMethod.Put, urls[0], new StringContent("x"));
        await ArtifactClient.AssertFailsAsync(part, HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);
        using var complete = await PostAsync(client, "complete/d", Complete(id, "f.bin", (1, tag)));
        await ArtifactClient.AssertFailsAsync(complete, HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);
        Assert.Empty(await client.ListAsync("d"));
    }
}
