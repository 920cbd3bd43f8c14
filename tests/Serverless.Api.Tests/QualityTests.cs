using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Serving.Invocations;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Training;

namespace Serverless.Api.Tests;

/// <summary>
/// How well versions do: what is measured by labels and what is estimated without stand apart; and a log that is turned off.
/// </summary>
public sealed class QualityTests(ApiFixture api)
{
    private static readonly ComponentCatalog Catalog = new ComponentCatalog().AddTraining();
    private readonly ServingClient client = new(api);

    [Fact]
    public async Task An_estimate_stands_beside_what_is_measured_and_says_what_it_cannot_see()
    {
        await LearnAsync();
        var asked = TrainedModel.Customers(200, seed: 4).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var answer = await client.InvokeAsync(string.Join('\n', asked), type: "text/csv");
        Assert.Equal(HttpStatusCode.OK, answer.Status);

        var before = await QualityAsync();
        Assert.Equal((200, 0, 0), ((int)before["rows"]!, (int)before["labelled"]!, before["metrics"]!.AsObject().Count));
        var estimate = before["estimate"]!;
        Assert.Equal((true, 200), ((bool)estimate["is_estimate"]!, (int)estimate["rows"]!));
        Assert.Contains("The estimate cannot detect concept drift", (string)estimate["note"]!, StringComparison.Ordinal);
        Assert.Equal(["accuracy", "auc", "f1", "precision", "recall"], estimate["metrics"]!.AsObject().Select(m => m.Key));
        var accuracy = estimate["metrics"]!["accuracy"]!;
        Assert.InRange((double)accuracy["value"]!, (double)accuracy["low"]!, (double)accuracy["high"]!);

        // All answers turned around: what is measured falls, and the estimate cannot know.
        var labels = new JsonArray([.. asked.Skip(1).Select(l => (JsonNode)(l.EndsWith(",yes", StringComparison.Ordinal) ? "no" : "yes"))]);
        await client.SendAsync(
            HttpMethod.Post,
            "buys/feedback",
            new StringContent(
                new JsonObject { ["request_id"] = answer.Header("X-Request-Id"), ["labels"] = labels }.ToJsonString(),
                Encoding.UTF8,
                "application/json"
            )
        );
        var after = await QualityAsync();
        Assert.Equal(200, (int)after["labelled"]!);
        Assert.True((double)after["metrics"]!["accuracy"]! < 0.4, after.ToJsonString());
        Assert.Equal(estimate.ToJsonString(), after["estimate"]!.ToJsonString());
    }

    [Fact]
    public async Task A_version_that_no_run_made_says_why_it_has_no_estimate()
    {
        await client.RegisterAsync();
        await client.InvokeAsync(string.Join('\n', TrainedModel.Customers(5).Split('\n').Select(l => l)), type: "text/csv");

        var estimate = (await QualityAsync())["estimate"]!;

        Assert.Equal("the run that created the version has no labeled predictions for calibration", (string)estimate["note"]!);
        Assert.Empty(estimate["metrics"]!.AsObject());
    }

    [Fact]
    public async Task A_model_whose_log_is_off_is_answered_and_counted_and_nothing_of_it_is_written()
    {
        await client.RegisterAsync();
        await client.RegisterAsync("logged");
        await client.Registry.Models.SetTagAsync("buys", ModelServer.LogTag, "off", new Actor("test"));
        var body = string.Join('\n', TrainedModel.Customers(5).Split('\n'));

        var answer = await client.InvokeAsync(body, type: "text/csv");
        await client.InvokeAsync(body, type: "text/csv", name: "logged");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var quality = (await client.GetAsync("buys/quality")).Json;
        Assert.Equal((false, 0), ((bool)quality["is_logged"]!, quality["versions"]!.AsArray().Count));
        Assert.True((bool)(await client.GetAsync("logged/quality")).Json["is_logged"]!);
        var stats = (await client.GetAsync("buys/stats")).Json;
        Assert.Equal(
            (1, 0, 0),
            ((int)stats["versions"]![0]!["succeeded"]!, (int)stats["log"]!["written_requests"]!, (int)stats["log"]!["dropped_requests"]!)
        );
        Assert.Single(await client.Services.Store.Predictions.ListFoldersAsync());
    }

    private async Task<JsonNode> QualityAsync() => (await client.GetAsync("buys/quality?hours=1")).Json["versions"]!.AsArray().Single()!;

    /// <summary>Trains, evaluates, compares, registers and promotes by a pipeline.</summary>
    private async Task LearnAsync()
    {
        using var folder = new TestFolder();
        folder.Write(
            "p/dvc.yaml",
            """
            stages:
              train:
                uses: train/fast-tree
                with:
                  data: train.csv
                  label: bought
                  positive_label: 'yes'
                  parameters: {number_of_trees: 20, number_of_leaves: 6}
                  model: tree
              evaluate: {uses: evaluate, with: {model: tree, data: validation.csv, metrics: metrics.json, predictions: predictions.csv}}
              compare:
                uses: compare
                with: {name: buys, candidates: [tree], predictions: [predictions.csv], test: test.csv, model: winner, verdict: verdict.json}
              register: {uses: register, with: {name: buys, model: winner, verdict: verdict.json, registration: registration.json}}
              promote: {uses: promote, with: {registration: registration.json}}
            """
        );
        folder.Write("p/train.csv", TrainedModel.Customers(400));
        folder.Write("p/validation.csv", TrainedModel.Customers(300, seed: 2));
        folder.Write("p/test.csv", TrainedModel.Customers(300, seed: 3));
        var services = client.Services;
        var engine = new LocalEngine(
            new LocalEngineOptions
            {
                Store = services.Store,
                Runs = services.Runs,
                Catalog = Catalog,
                Services = services.Components,
                WorkRoot = folder.At("work"),
            }
        );
        var run = await new RunSubmitter(services.Store, services.Runs, services.Time).SubmitAsync(
            DvcYaml.Read(folder.At("p"), Catalog),
            new SubmitOptions(),
            default
        );
        await engine.DriveAsync(run);
    }
}
