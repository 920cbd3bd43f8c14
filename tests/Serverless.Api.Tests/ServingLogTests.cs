using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Serving.Logging;

namespace Serverless.Api.Tests;

/// <summary>What models answered is written down, and labels find it.</summary>
public sealed class ServingLogTests(ApiFixture api)
{
    private const string Two =
        """{"dataframe_split": {"columns": ["age", "income", "plan", "active", "note"], "data": [[70, 4900.5, "pro", true, "x"], """
        + """[20, null, "free", false, "y"]]}}""";
    private readonly ServingClient client = new(api);

    [Fact]
    public async Task What_was_asked_and_answered_is_read_again_by_another_host()
    {
        var version = await client.RegisterAsync();
        var first = await client.InvokeAsync(Two, key: "k");
        var second = await client.Other.InvokeAsync(Two);
        await client.Services.Serving.FlushAsync();
        await client.Other.Services.Serving.FlushAsync();

        var window = await ReadAsync(client.Other);

        Assert.Equal(4, window.Count);
        Assert.Equal(
            new[] { first, second }.SelectMany(a => new[] { a.Header("X-Request-Id"), a.Header("X-Request-Id") }).Order(),
            window.Requests.Order()
        );
        var (old, young) = (window.Requests.ToList().IndexOf(first.Header("X-Request-Id")), 1);
        Assert.Equal((double)first.Predictions[0]!["score"]!, window.Scores[old]);
        Assert.Equal(["yes", "no", "yes", "no"], window.Predicted);
        Assert.All(window.Versions, v => Assert.Equal(version.Version, v));
        Assert.Equal(["age", "income", "plan", "active"], window.Inputs.Columns.Select(c => c.Name));
        Assert.Equal(
            (70, "free", 2),
            (window.Inputs["age"].GetNumber(0), window.Inputs["plan"].GetText(young), window.Inputs["income"].NullCount)
        );
        Assert.All(window.Labels, Assert.Null);
        var log = (await client.GetAsync("buys/stats")).Json["log"]!;
        Assert.Equal(
            (1, 2, 0, 0),
            ((int)log["written_requests"]!, (int)log["written_rows"]!, (int)log["waiting_requests"]!, (int)log["dropped_requests"]!)
        );
    }

    [Fact]
    public async Task Labels_that_come_later_are_joined_and_tell_how_good_a_version_is()
    {
        await client.RegisterAsync();
        var both = (await client.InvokeAsync(Two)).Header("X-Request-Id");
        var one = (await client.InvokeAsync(Two)).Header("X-Request-Id");

        Assert.Equal(
            2,
            (int)(await FeedbackAsync(new JsonObject { ["request_id"] = both, ["labels"] = new JsonArray("yes", "no") })).Json["recorded"]!
        );
        Assert.Equal(
            1,
            (int)
                (
                    await FeedbackAsync(
                        new JsonObject
                        {
                            ["request_id"] = one,
                            ["row"] = 1,
                            ["label"] = "yes",
                        }
                    )
                ).Json["recorded"]!
        );
        // Told again, it is one label still; told otherwise, the last counts. By way of the other host, too.
        await FeedbackAsync(
            new JsonObject
            {
                ["request_id"] = both,
                ["row"] = 0,
                ["label"] = "no",
            }
        );
        await FeedbackAsync(
            new JsonObject
            {
                ["request_id"] = both,
                ["row"] = 0,
                ["label"] = "yes",
            },
            client.Other
        );

        var quality = (await client.GetAsync("buys/quality?hours=1")).Json["versions"]!.AsArray().Single()!;
        Assert.Equal((1, 4, 3), ((int)quality["version"]!, (int)quality["rows"]!, (int)quality["labelled"]!));
        Assert.Equal(2.0 / 3, (double)quality["metrics"]!["accuracy"]!, 12);
        Assert.Equal(0.75, (double)quality["metrics"]!["auc"]!, 12);
        var window = await ReadAsync(client.Other);
        Assert.Equal(["yes", "no", null, "yes"], window.Labels);
    }

    [Theory]
    [InlineData(
        """{"request_id": "20200101T0000-00000000-000000000000", "label": "yes"}""",
        HttpStatusCode.NotFound,
        "is not in the model's log"
    )]
    [InlineData("""{"request_id": "abc", "label": "yes"}""", HttpStatusCode.NotFound, "The request 'abc' is not in the model's log")]
    [InlineData(
        """{"request_id": "ID", "row": 2, "label": "yes"}""",
        HttpStatusCode.BadRequest,
        "Row 2 does not exist: the request has 2 rows, numbered from 0."
    )]
    [InlineData(
        """{"request_id": "ID", "label": "maybe"}""",
        HttpStatusCode.BadRequest,
        "The label is 'maybe', but the model's classes are 'no' and 'yes'."
    )]
    public async Task A_label_that_belongs_to_nothing_is_refused_and_kept_with_its_reason(
        string feedback,
        HttpStatusCode status,
        string why
    )
    {
        await client.RegisterAsync();
        var id = (await client.InvokeAsync(Two)).Header("X-Request-Id");
        var body = JsonNode.Parse(feedback.Replace("ID", id, StringComparison.Ordinal))!;

        var answer = await FeedbackAsync(body);
        await FeedbackAsync(body);

        Assert.Equal(status, answer.Status);
        Assert.Contains(why, answer.Message, StringComparison.Ordinal);
        var refused = (await client.GetAsync("buys/feedback")).Json["refused"]!.AsArray();
        Assert.Contains(why, (string)Assert.Single(refused)!["why"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_labels_those_that_fit_are_recorded()
    {
        await client.RegisterAsync();
        var id = (await client.InvokeAsync(Two)).Header("X-Request-Id");

        var answer = await FeedbackAsync(
            new JsonObject
            {
                ["feedback"] = new JsonArray(
                    new JsonObject { ["request_id"] = id, ["labels"] = new JsonArray(null, "no") },
                    new JsonObject { ["request_id"] = "nobody's", ["label"] = "yes" }
                ),
            }
        );

        Assert.Equal((HttpStatusCode.OK, 1), (answer.Status, (int)answer.Json["recorded"]!));
        Assert.Equal("nobody's", (string)Assert.Single(answer.Json["refused"]!.AsArray())!["request"]!);
        Assert.Equal([null, "no"], (await ReadAsync(client)).Labels);
    }

    [Theory]
    [InlineData("""{"label": "yes"}""")]
    [InlineData("""{"request_id": "a"}""")]
    [InlineData("""{"request_id": "a", "row": "x", "label": 1}""")]
    [InlineData("nonsense")]
    public async Task Feedback_of_another_shape_is_refused_with_the_right_one(string body)
    {
        await client.RegisterAsync();

        var answer = await client.SendAsync(HttpMethod.Post, "buys/feedback", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("request_id", answer.Message, StringComparison.Ordinal);
    }

    private static async Task<PredictionWindow> ReadAsync(ServingClient client)
    {
        var services = client.Services;
        var model = await services.Models.Models.GetAsync("buys");
        var now = TimeProvider.System.GetUtcNow();
        return await services.Serving.Log.ReadAsync(model.Model.Id, new PredictionQuery(now.AddMinutes(-5), now.AddSeconds(1)));
    }

    private Task<ServingAnswer> FeedbackAsync(JsonNode body, ServingClient? by = null) =>
        (by ?? client).SendAsync(
            HttpMethod.Post,
            "buys/feedback",
            new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")
        );
}
