using System.Net;
using Serverless.Serving.Invocations;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Api.Tests;

/// <summary>Which version answers, and what happens when one cannot.</summary>
public sealed class ServingVersionTests(ApiFixture api)
{
    private const string Row = """{"dataframe_records": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}]}""";
    private readonly ServingClient client = new(api);

    [Fact]
    public async Task Production_answers_unless_the_query_names_another()
    {
        var first = await client.RegisterAsync();
        var second = await client.RegisterAsync(stage: Stage.Staging);
        await client.Registry.Models.SetAliasAsync("buys", "candidate", second.Version, Actor.Anonymous);

        foreach (
            var (query, version, why) in new[]
            {
                ("", first, "production"),
                ("?stage=Production", first, "query"),
                ("?stage=staging", second, "query"),
                ("?alias=candidate", second, "query"),
                ("?version=2", second, "query"),
            }
        )
        {
            var answer = await client.InvokeAsync(Row, query);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal((version.Version.ToString(), why), (answer.Header("X-Model-Version"), answer.Header("X-Model-Choice")));
            Assert.NotEmpty(answer.Header("X-Request-Id"));
        }
    }

    [Theory]
    [InlineData("?version=9", "'buys' has no version 9. Available: versions 1 (Production); aliases champion → 1.")]
    [InlineData("?version=x", "'buys' has no version x.")]
    [InlineData("?stage=Staging", "'buys' has no version in Staging. Available: versions 1 (Production)")]
    [InlineData("?stage=Live", "Unknown stage 'Live': use None, Staging, Production, Archived.")]
    [InlineData("?alias=challenger", "'buys' has no alias 'challenger'. Available: versions 1 (Production); aliases champion → 1.")]
    public async Task What_is_not_there_is_answered_404_with_what_is(string query, string message)
    {
        await client.RegisterAsync();
        await client.Registry.Models.SetAliasAsync("buys", "champion", 1, Actor.Anonymous);

        var answer = await client.InvokeAsync(Row, query);

        Assert.Equal((HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST"), (answer.Status, answer.Code));
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_model_or_a_Production_version_there_is_no_answer()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await client.InvokeAsync(Row)).Status);
        await client.RegisterAsync(stage: Stage.None);

        var answer = await client.InvokeAsync(Row);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Contains("no version in Production. Available: versions 1 (None)", answer.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("buys/ping")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.InvokeAsync(Row, "?version=1&stage=None")).Status);
    }

    [Fact]
    public async Task A_change_of_this_host_counts_at_once_and_another_hosts_within_seconds()
    {
        await client.RegisterAsync();
        Assert.Equal("1", (await client.Other.InvokeAsync(Row)).Header("X-Model-Version"));

        await client.RegisterAsync();

        Assert.Equal("2", (await client.InvokeAsync(Row)).Header("X-Model-Version"));
        await Eventually.HoldsAsync(
            async () => (await client.Other.InvokeAsync(Row)).Header("X-Model-Version") == "2",
            () => "the other host sees version 2"
        );
    }

    [Fact]
    public async Task No_request_is_lost_while_versions_are_swapped()
    {
        await client.RegisterAsync();
        using var stop = new CancellationTokenSource();
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        var callers = Enumerable
            .Range(0, 8)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        var answer = await client.InvokeAsync(Row);
                        Assert.Equal(HttpStatusCode.OK, answer.Status);
                        seen.Add(answer.Header("X-Model-Version"));
                    }
                })
            )
            .ToList();

        for (var version = 2; version <= 5; version++)
        {
            await client.RegisterAsync();
            var expected = version.ToString();
            await Eventually.HoldsAsync(
                () => seen.Contains(expected) || callers.Any(c => c.IsFaulted),
                () => $"version {expected} answers"
            );
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task A_folder_that_is_broken_fails_with_a_code_and_counts_against_its_version()
    {
        using var folder = new TestFolder();
        var broken = folder.At("model");
        Directory.CreateDirectory(broken);
        foreach (var file in Directory.EnumerateFiles(await ServingClient.ModelFolderAsync()))
        {
            File.Copy(file, Path.Combine(broken, Path.GetFileName(file)));
        }

        await File.WriteAllTextAsync(Path.Combine(broken, "model.zip"), "no zip");
        await client.RegisterAsync();
        await client.RegisterAsync(stage: Stage.Staging, folder: broken);

        var answer = await client.InvokeAsync(Row, "?version=2");

        Assert.Equal((HttpStatusCode.InternalServerError, "INVALID_STATE"), (answer.Status, answer.Code));
        Assert.Contains("Version 2 of 'buys' cannot be loaded", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync("buys/ping?version=2")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.InvokeAsync(Row)).Status);
        var versions = (await client.GetAsync("buys/stats")).Json["versions"]!.AsArray();
        Assert.Equal((1, 0), ((int)versions[0]!["succeeded"]!, (int)versions[0]!["failed"]!));
        Assert.True((int)versions[1]!["failed"]! >= 1);
    }

    [Fact]
    public async Task A_flavor_of_Python_is_answered_501_with_the_way_that_there_is()
    {
        using var folder = new TestFolder();
        folder.Write(
            "model/MLmodel",
            "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n  sklearn:\n    pickled_model: model.pkl\n"
        );
        await client.RegisterAsync(folder: folder.At("model"));

        var answer = await client.InvokeAsync(Row);

        Assert.Equal((HttpStatusCode.NotImplemented, "NOT_IMPLEMENTED"), (answer.Status, answer.Code));
        Assert.Contains(
            "has the flavors python_function, sklearn. In process, this host serves mlnet and onnx",
            answer.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("container job", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_a_client_uploaded_is_served_from_its_run()
    {
        var run = await client.Services.Runs.FindAsync(await NewRunAsync());
        var artifacts = new Uri(run!.ArtifactUri!).AbsolutePath.TrimStart('/');
        foreach (var file in Directory.EnumerateFiles(await ServingClient.ModelFolderAsync()))
        {
            await using var body = File.OpenRead(file);
            await client.Services.Store.Artifacts.UploadAsync($"{artifacts}/model/{Path.GetFileName(file)}", body);
        }

        await client.Registry.Models.CreateAsync("buys", null, new Dictionary<string, string>(), Actor.Anonymous);
        await client.Registry.Versions.CreateAsync(
            new CreateVersionRequest { Name = "buys", Source = run.ArtifactUri + "/model" },
            Actor.Anonymous
        );

        var answer = await client.InvokeAsync(Row, "?version=1");

        Assert.Equal((HttpStatusCode.OK, "yes"), (answer.Status, (string?)answer.Predictions[0]!["label"]));
    }

    [Fact]
    public async Task Observers_hear_of_every_request_and_how_it_ended()
    {
        await client.RegisterAsync();
        var heard = new Heard();
        client.Services.Serving.AddObserver(heard);

        var answer = await client.InvokeAsync(Row, key: "customer-7");
        await client.InvokeAsync("""{"dataframe_records": [{}]}""");
        await Eventually.HoldsAsync(() => heard.Count == 2, () => "two outcomes");

        var (good, bad) = (heard[0], heard[1]);
        Assert.Equal(
            (ServingResult.Succeeded, 1, "customer-7", 1, true),
            (good.Result, good.Version, good.RequestKey, good.Rows, good.Choice.IsRouted)
        );
        Assert.Equal(answer.Header("X-Request-Id"), good.RequestId);
        Assert.Equal((double)answer.Predictions[0]!["score"]!, good.Scores.Single());
        Assert.True(good.Latency > TimeSpan.Zero);
        Assert.Equal((ServingResult.Rejected, "INVALID_PARAMETER_VALUE"), (bad.Result, bad.ErrorCode));
        Assert.Equal(bad.RequestId, bad.RequestKey);
    }

    private async Task<string> NewRunAsync()
    {
        var api1 = api.Client(client.Workspace);
        var experiment = (string)(await api1.PostAsync("experiments/create", new() { ["name"] = "e" }))["experiment_id"]!;
        return (string)(await api1.PostAsync("runs/create", new() { ["experiment_id"] = experiment }))["run"]!["info"]!["run_id"]!;
    }

    private sealed class Heard : IServingObserver
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<ServingOutcome> outcomes = new();

        public int Count => outcomes.Count;

        public ServingOutcome this[int index] => outcomes.ElementAt(index);

        public void Observe(ServingOutcome outcome)
        {
            outcomes.Enqueue(outcome);
            // Whoever watches and fails must not be felt.
            throw new InvalidOperationException("an observer that fails");
        }
    }
}
