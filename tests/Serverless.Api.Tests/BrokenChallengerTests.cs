using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Api.Tests;

/// <summary>
/// A challenger in the canary that gives NaN, or throws: its callers are told, it is taken back, and a webhook hears why.
/// </summary>
public sealed class BrokenChallengerTests(ApiFixture api) : IDisposable
{
    private const string Mlmodel = "artifact_path: model\nflavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.17.0\n";
    private readonly ServingClient client = new(api);
    private readonly TestFolder folder = new();

    [Theory]
    [InlineData("NaN", "returned NaN as 'y' for 1 of 1 rows")]
    [InlineData("throws", "failed on this data")]
    public async Task It_is_rolled_back_by_the_breaker(string kind, string says)
    {
        await using var hook = await Webhook.StartAsync();
        await RegisterAsync("Abs", Stage.Production);
        await RegisterAsync(kind == "NaN" ? "Log" : "Reshape", Stage.None);
        await PostAsync(
            "rollout",
            new JsonObject
            {
                ["version"] = 2,
                ["plan"] = new JsonObject
                {
                    ["steps"] = new JsonArray("100%"),
                    ["breaker"] = new JsonObject { ["error_rate"] = "40%", ["last"] = 5 },
                },
                ["alerts"] = new JsonArray(new JsonObject { ["webhook"] = hook.Address, ["on"] = new JsonArray("rollout.rolled_back") }),
            }
        );

        var answers = new List<ServingAnswer>();
        for (var i = 0; i < 30; i++)
        {
            answers.Add(await client.InvokeAsync("""{"inputs": [[-1]]}"""));
        }

        var bad = answers.Where(a => a.Status != HttpStatusCode.OK).ToList();
        Assert.All(bad, a => Assert.Equal((HttpStatusCode.InternalServerError, "INTERNAL_ERROR"), (a.Status, a.Code)));
        Assert.Contains($"Version 2 of 'buys' {says}", bad[0].Message, StringComparison.Ordinal);
        // The breaker hears of an answer a moment after it was given.
        await Eventually.HoldsAsync(
            async () => (await client.InvokeAsync("""{"inputs": [[-1]]}""")).Header("X-Model-Version") == "1",
            () => "the champion answers"
        );
        await client.Services.Serving.FlushAsync();
        await client.Services.TickRolloutsAsync(_ => { });

        Assert.Equal(
            (Stage.Production, Stage.Archived),
            ((await client.Registry.FindVersionAsync("buys", 1))!.Stage, (await client.Registry.FindVersionAsync("buys", 2))!.Stage)
        );
        var got = Assert.Single(hook.All);
        Assert.Equal("rollout.rolled_back", got.Event);
        Assert.StartsWith("5 of the last 5 responses of version 2 failed", (string?)got.Json["why"]);
    }

    public void Dispose() => folder.Dispose();

    private async Task RegisterAsync(string node, Stage stage)
    {
        var model =
            node == "Reshape"
                ? new OnnxFile()
                    .Longs("seven", 7)
                    .Node("Reshape", ["x", "seven"], ["y"])
                    .Input("x", OnnxFile.Float, -1, 1)
                    .Output("y", OnnxFile.Float, 7)
                : new OnnxFile().Node(node, ["x"], ["y"]).Input("x", OnnxFile.Float, -1, 1).Output("y", OnnxFile.Float, -1, 1);
        folder.Write($"{node}/MLmodel", Mlmodel);
        await File.WriteAllBytesAsync(folder.At(node, "model.onnx"), model.ToArray());
        await client.RegisterAsync(stage: stage, folder: folder.At(node));
    }

    private async Task PostAsync(string path, JsonObject body)
    {
        var answer = await client.SendAsync(
            HttpMethod.Post,
            "buys/" + path,
            new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")
        );
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }
}
