using System.Net;
using System.Text.Json.Nodes;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Tests;

/// <summary>Deletion is soft everywhere, and what is collected for good is listed first.</summary>
public sealed class TrashTests(ApiFixture api)
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_deleted_artifact_comes_back_and_takes_nothing_with_it()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        await files.PutAsync("0/d/a.txt", "first");
        await files.PutAsync("0/d/sub/b.txt", "second");
        await files.PutAsync("0/dx.txt", "not below");

        using var deleted = await files.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/0/d");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(["dx.txt 9"], await files.ListAsync("0"));
        Assert.Null(await files.FindAsync("0/d/a.txt"));
        await files.PutAsync("0/d/a.txt", "newer");
        var entry = Assert.Single((await client.GetAsync("../serverless/artifacts/trash"))["deleted"]!.AsArray())!;
        Assert.Equal(("0/d", 2, 11), ((string?)entry["path"], (int)entry["files"]!, (int)entry["bytes"]!));

        var back = await client.PostAsync("../serverless/artifacts/restore", new JsonObject { ["id"] = (string?)entry["id"] });

        Assert.Equal(1, (int)back["files"]!);
        Assert.Equal("newer"u8.ToArray(), await files.FindAsync("0/d/a.txt"));
        Assert.Equal("second"u8.ToArray(), await files.FindAsync("0/d/sub/b.txt"));
        Assert.Empty((await client.GetAsync("../serverless/artifacts/trash"))["deleted"]!.AsArray());
        await client.MissingAsync(HttpMethod.Post, "../serverless/artifacts/restore", new JsonObject { ["id"] = (string?)entry["id"] });
        using var nothing = await files.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/0/none");
        Assert.Equal(HttpStatusCode.OK, nothing.StatusCode);
        Assert.Empty((await client.GetAsync("../serverless/artifacts/trash"))["deleted"]!.AsArray());
    }

    [Fact]
    public async Task What_was_deleted_long_ago_goes_and_what_is_used_or_young_stays_with_the_reason()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        var (plain, source, parent, alive) = (
            await RunAsync(client),
            await RunAsync(client),
            await RunAsync(client),
            await RunAsync(client)
        );
        await client.PostAsync(
            "runs/set-tag",
            new JsonObject
            {
                ["run_id"] = alive,
                ["key"] = "mlflow.parentRunId",
                ["value"] = parent,
            }
        );
        await client.PostAsync(
            "runs/log-metric",
            new JsonObject
            {
                ["run_id"] = plain,
                ["key"] = "m",
                ["value"] = 1,
                ["timestamp"] = 1,
            }
        );
        await files.PutAsync($"0/{plain}/artifacts/x/a.txt", "gone soon");
        await files.PutAsync($"0/{source}/artifacts/model/MLmodel", "flavors: {}");
        await client.CreateModelAsync("m");
        await client.CreateVersionAsync("m", $"mlflow-artifacts:/0/{source}/artifacts/model");
        // The other host knows the runs as well.
        var other = api.Client(services.Store.Workspace, 1);
        Assert.Equal(4, (await SearchAsync(other, "ALL")).Count);
        foreach (var id in (string[])[plain, source, parent])
        {
            await client.PostAsync("runs/delete", new JsonObject { ["run_id"] = id });
        }

        await files.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/0/{source}/artifacts/model");
        var collector = new TrashCollector(services);

        var young = await collector.ListAsync(Now.AddDays(-1));
        Assert.Equal(4, young.Count);
        Assert.All(young, t => Assert.StartsWith("deleted 2", t.Kept));
        var old = (await collector.ListAsync(Now.AddDays(1))).ToDictionary(t => t.Id);
        Assert.Null(old[plain].Kept);
        Assert.Equal("version 1 of m comes from it", old[source].Kept);
        Assert.StartsWith("run ", old[parent].Kept);
        Assert.EndsWith("is nested in it", old[parent].Kept);
        Assert.Single(old.Values, t => t is { Kind: "artifact", Kept: null });
        Assert.Equal("gone soon"u8.ToArray(), await files.FindAsync($"0/{plain}/artifacts/x/a.txt"));

        var gone = await collector.CollectAsync(Now.AddDays(1));

        Assert.Equal(["artifact", "run"], gone.Select(t => t.Kind).Order(StringComparer.Ordinal));
        foreach (var host in (ApiClient[])[client, other])
        {
            Assert.Equal(
                new[] { source, parent }.Order(StringComparer.Ordinal),
                (await SearchAsync(host, "DELETED_ONLY")).Order(StringComparer.Ordinal)
            );
            await host.MissingAsync(HttpMethod.Get, $"runs/get?run_id={plain}", null);
            await host.MissingAsync(HttpMethod.Post, "runs/restore", new JsonObject { ["run_id"] = plain });
        }

        Assert.Null(await files.FindAsync($"0/{plain}/artifacts/x/a.txt"));
        Assert.False(await services.Store.Runs.QueryAsync(services.Runs.Keys.Experiment("0"), RunKeys.Metrics(plain)).AnyAsync());
        await client.PostAsync("runs/restore", new JsonObject { ["run_id"] = source });
        Assert.Equal(
            [parent],
            (await collector.CollectAsync(Now.AddDays(1)) is { Count: 0 }) ? await SearchAsync(client, "DELETED_ONLY") : []
        );
    }

    [Fact]
    public async Task A_pipelines_run_goes_with_its_tasks_and_an_experiment_with_its_name()
    {
        var client = api.Client();
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        var experiment = await services.Runs.Experiments.GetOrCreateAsync("old");
        var id = Ids.NewId();
        var run = await services.Runs.CreateAsync(
            new Run
            {
                Id = id,
                ExperimentId = experiment.Id,
                Name = "p",
                StartTime = Now,
                ArtifactUri = $"mlflow-artifacts:/{experiment.Id}/{id}/artifacts",
                Pipeline = new PipelineRun { Pipeline = "p", DefinitionDigest = "0" },
            }
        );
        var record = new TaskRecord
        {
            Path = "a",
            Attempt = 1,
            State = TaskState.Succeeded,
            StartedAt = Now,
            Result = new TaskResult { State = TaskState.Succeeded },
        };
        await services.Store.Runs.CommitAsync(
            RowChange.Put(Row.Of(services.Runs.Keys.Experiment(experiment.Id), RunKeys.Task(id, "a", 1), record))
        );
        await services.Store.Logs.AppendAsync($"{id}/a/1.log", "line"u8.ToArray(), 0);
        var tasks = new TaskRuns(services.Runs, run);
        tasks.Resume([record]);
        await tasks.FlushAsync();
        await client.PostAsync("experiments/delete", new JsonObject { ["experiment_id"] = experiment.Id });
        var collector = new TrashCollector(services);

        var list = await collector.ListAsync(Now.AddDays(1));
        Assert.Equal("the run has not ended", list.Single(t => t.Id == id).Kept);
        Assert.Equal("1 of its runs and models are kept", list.Single(t => t.Kind == "experiment").Kept);
        await services.Runs.UpdateAsync(experiment.Id, id, r => r with { Status = RunStatus.Finished });
        var gone = await collector.CollectAsync(Now.AddDays(1));

        Assert.Equal(["experiment", "run", "run"], gone.Select(t => t.Kind).Order(StringComparer.Ordinal));
        Assert.False(await services.Store.Runs.QueryAsync(services.Runs.Keys.Experiment(experiment.Id), "r|").AnyAsync());
        Assert.False(await services.Store.Runs.QueryAsync(services.Runs.Keys.Experiment(experiment.Id), "t|").AnyAsync());
        Assert.Empty(await services.Store.Logs.ListAsync(id));
        Assert.Empty(await services.Runs.ListAsync(10));
        Assert.NotEqual(
            experiment.Id,
            (string?)(await client.PostAsync("experiments/create", new JsonObject { ["name"] = "old" }))["experiment_id"]
        );
    }

    [Fact]
    public async Task What_is_being_removed_does_not_come_back_half()
    {
        var client = api.Client();
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        var id = await RunAsync(client);
        var run = await services.Runs.GetAsync(id);
        Assert.False(await services.Runs.BeginRemovalAsync(run));
        await client.PostAsync("runs/delete", new JsonObject { ["run_id"] = id });

        Assert.True(await services.Runs.BeginRemovalAsync(run));

        Assert.Equal(
            $"The run {id} is being permanently removed and cannot be restored.",
            await client.InvalidAsync(HttpMethod.Post, "runs/restore", new JsonObject { ["run_id"] = id })
        );
        // Whoever broke off is followed by one who ends it; a third one finds nothing.
        Assert.Single(await new TrashCollector(services).CollectAsync(Now.AddDays(1)));
        await services.Runs.RemoveAsync(run);
        Assert.False(await services.Runs.BeginRemovalAsync(run));
    }

    [Fact]
    public async Task The_restorer_brings_back_runs_experiments_and_artifacts()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        var restorer = new TrashRestorer(services);
        var id = await RunAsync(client);
        await files.PutAsync($"0/{id}/artifacts/a.txt", "1");
        await files.SendAsync(HttpMethod.Delete, $"{ArtifactClient.Artifacts}/0/{id}/artifacts/a.txt");
        await client.PostAsync("runs/delete", new JsonObject { ["run_id"] = id });

        Assert.Equal(2, (await restorer.RestoreAsync(id[..10], withArtifacts: true)).Count);
        Assert.Equal("1"u8.ToArray(), await files.FindAsync($"0/{id}/artifacts/a.txt"));
        Assert.Equal("active", (string?)(await client.GetAsync("runs/get", "run_id", id))["run"]!["info"]!["lifecycle_stage"]);
        await Assert.ThrowsAsync<ServerlessException>(() => restorer.RestoreAsync(id, withArtifacts: true));
        var experiment = (string)(await client.PostAsync("experiments/create", new JsonObject { ["name"] = "e" }))["experiment_id"]!;
        await client.PostAsync("experiments/delete", new JsonObject { ["experiment_id"] = experiment });
        Assert.Equal(["Restored experiment e with its runs."], await restorer.RestoreAsync(experiment, false));
    }

    private static async Task<string> RunAsync(ApiClient client) =>
        (string)(await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!["run_id"]!;

    private static async Task<List<string>> SearchAsync(ApiClient client, string view) =>
        [
            .. (
                (
                    await client.PostAsync(
                        "runs/search",
                        new JsonObject { ["experiment_ids"] = new JsonArray("0"), ["run_view_type"] = view }
                    )
                )["runs"]
                    ?.AsArray()
                ?? []
            ).Select(r => (string)r!["info"]!["run_id"]!),
        ];
}
