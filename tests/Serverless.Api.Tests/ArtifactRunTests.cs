using System.Net;
using System.Text.Json.Nodes;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Content;
using Serverless.Storage.Tables;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Tests;

public sealed class ArtifactRunTests(ApiFixture api)
{
    private static async Task<(string Id, string Root, string Uri)> RunAsync(ApiClient client)
    {
        var info = (await client.PostAsync("runs/create", new JsonObject { ["experiment_id"] = "0" }))["run"]!["info"]!;
        var uri = (string)info["artifact_uri"]!;
        Assert.Equal($"mlflow-artifacts:/0/{info["run_id"]}/artifacts", uri);
        return ((string)info["run_id"]!, uri["mlflow-artifacts:/".Length..], uri);
    }

    [Fact]
    public async Task A_runs_artifacts_are_listed_by_paths_inside_of_the_run()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var (id, root, uri) = await RunAsync(client);
        await files.PutAsync($"{root}/a.txt", "0");
        await files.PutAsync($"{root}/dir/b.txt", "1");

        var all = await client.GetAsync("artifacts/list", "run_id", id);
        Assert.Equal(uri, (string?)all["root_uri"]);
        Assert.Equal(["a.txt 1", "dir/"], ArtifactClient.Entries(all));
        Assert.Equal(["dir/b.txt 1"], ArtifactClient.Entries(await client.GetAsync("artifacts/list", "run_uuid", id, "path", "dir")));
        Assert.Equal(
            ["dir/"],
            ArtifactClient.Entries(
                await client.GetAsync("artifacts/list", "run_id", id, "page_token", Convert.ToBase64String("a.txt"u8.ToArray()))
            )
        );
        Assert.Equal(
            $$"""{"root_uri":"{{uri}}"}""",
            (await client.GetAsync("artifacts/list", "run_id", id, "path", "none")).ToJsonString()
        );
        Assert.Equal("Invalid path", await client.InvalidAsync(HttpMethod.Get, $"artifacts/list?run_id={id}&path=../x", null));
        await client.InvalidAsync(HttpMethod.Get, "artifacts/list", null);
        await client.InvalidAsync(HttpMethod.Get, $"artifacts/list?run_id={id}&page_token=%25", null);
        await client.MissingAsync(HttpMethod.Get, "artifacts/list?run_id=none", null);
    }

    [Fact]
    public async Task A_file_comes_by_its_run_and_goes_by_the_way_of_the_pages()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var (id, _, _) = await RunAsync(client);

        using var uploaded = await files.SendAsync(
            HttpMethod.Post,
            $"ajax-api/2.0/mlflow/upload-artifact?run_uuid={id}&path=d/t.txt",
            new StringContent("hello")
        );
        Assert.Equal(HttpStatusCode.OK, uploaded.StatusCode);
        foreach (var name in (string[])["run_id", "run_uuid"])
        {
            using var response = await files.SendAsync(HttpMethod.Get, $"get-artifact?{name}={id}&path=d/t.txt");
            Assert.Equal("hello", await response.Content.ReadAsStringAsync());
            Assert.Equal("attachment; filename=t.txt", response.Content.Headers.ContentDisposition!.ToString());
        }

        async Task Refuse(HttpMethod method, string path, HttpStatusCode status, string code, HttpContent? content = null)
        {
            using var response = await files.SendAsync(method, path, content);
            await ArtifactClient.AssertFailsAsync(response, status, code);
        }

        await Refuse(HttpMethod.Get, $"get-artifact?run_id={id}&path=none", HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);
        await Refuse(HttpMethod.Get, "get-artifact?run_id=none&path=a", HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);
        await Refuse(HttpMethod.Get, $"get-artifact?run_id={id}", HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        await Refuse(HttpMethod.Get, $"get-artifact?run_id={id}&path=../a", HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        const string upload = "ajax-api/2.0/mlflow/upload-artifact";
        await Refuse(HttpMethod.Post, upload, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        await Refuse(HttpMethod.Post, $"{upload}?run_uuid={id}&path=x", HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
        await Refuse(
            HttpMethod.Post,
            $"{upload}?run_uuid={id}&path=x",
            HttpStatusCode.BadRequest,
            ErrorCodes.InvalidParameterValue,
            new ByteArrayContent(new byte[(10 << 20) + 1])
        );
        // A slash too many is MLflow's own clients' way.
        using var doubled = await files.SendAsync(HttpMethod.Get, $"{files.Root.AbsolutePath}/get-artifact?run_id={id}&path=d/t.txt");
        Assert.Equal(HttpStatusCode.PermanentRedirect, doubled.StatusCode);
        Assert.Equal($"{files.Root.AbsolutePath}get-artifact?run_id={id}&path=d/t.txt", doubled.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_versions_files_are_read_wherever_its_source_says()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var (id, root, uri) = await RunAsync(client);
        await files.PutAsync($"{root}/model/MLmodel", "flavors: {}");
        using var folder = new TestFolder();
        folder.Write("m/MLmodel", "flavors: {}");
        folder.Write("m/data/w.bin", "123");
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        var content = await services.Store.Content.PutAsync(folder.At("m"));

        await client.CreateModelAsync("m");
        foreach (var source in (string[])[$"{uri}/model", $"runs:/{id}/model", $"{client.Root}{ArtifactClient.Artifacts}/{root}/model"])
        {
            var version = (string?)(await client.CreateVersionAsync("m", source))["version"];
            using var response = await files.SendAsync(
                HttpMethod.Get,
                $"model-versions/get-artifact?name=m&version={version}&path=MLmodel"
            );
            Assert.Equal("flavors: {}", await response.Content.ReadAsStringAsync());
        }

        var registered = await services.Models.RegisterAsync(
            new RegisterRequest
            {
                Name = "m",
                ModelDirectory = folder.At("m"),
                RequestId = "1",
            }
        );
        using var stored = await files.SendAsync(
            HttpMethod.Get,
            $"model-versions/get-artifact?name=m&version={registered.Version}&path=data/w.bin"
        );
        Assert.Equal("123", await stored.Content.ReadAsStringAsync());
        // The same folder as MLflow's clients load it: from the URI that they are given.
        var download = (string)
            (await client.GetAsync("model-versions/get-download-uri", "name", "m", "version", $"{registered.Version}"))["artifact_uri"]!;
        Assert.Equal($"mlflow-artifacts:/content/{content.Digest}", download);
        Assert.Equal(["MLmodel 11", "data/"], await files.ListAsync($"content/{content.Digest}"));
        Assert.Equal("123"u8.ToArray(), await files.FindAsync($"content/{content.Digest}/data/w.bin"));
        Assert.Null(await files.FindAsync($"content/{content.Digest}/none"));
        Assert.Empty(await files.ListAsync("content/0123456789abcdef0123456789abcdef.dir"));
        using var write = await files.SendAsync(
            HttpMethod.Put,
            $"{ArtifactClient.Artifacts}/content/{content.Digest}/MLmodel",
            new StringContent("x")
        );
        await ArtifactClient.AssertFailsAsync(write, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);

        foreach (
            var (query, status) in ((string, HttpStatusCode)[])
                [
                    ("name=m&version=99&path=a", HttpStatusCode.NotFound),
                    ("name=none&version=1&path=a", HttpStatusCode.NotFound),
                    ("name=m&version=x&path=a", HttpStatusCode.NotFound),
                    ("name=m&version=1", HttpStatusCode.BadRequest),
                    ("name=m&version=1&path=../a", HttpStatusCode.BadRequest),
                ]
        )
        {
            using var refused = await files.SendAsync(HttpMethod.Get, "model-versions/get-artifact?" + query);
            Assert.Equal(status, refused.StatusCode);
        }
    }

    [Fact]
    public async Task What_a_pipelines_tasks_wrote_are_artifacts_of_its_run_that_nobody_changes()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        using var folder = new TestFolder();
        folder.Write("model/MLmodel", "flavors: {}");
        folder.Write("model/data/w.bin", "123");
        folder.Write("report.txt", "fine");
        var (model, report) = (
            await services.Store.Content.PutAsync(folder.At("model")),
            await services.Store.Content.PutAsync(folder.At("report.txt"))
        );
        var run = await services.Runs.CreateAsync(
            new Run
            {
                Id = Ids.NewId(),
                ExperimentId = "0",
                Name = "p",
                StartTime = TimeProvider.System.GetUtcNow(),
                Pipeline = new PipelineRun { Pipeline = "p", DefinitionDigest = "0" },
            }
                is var made
                ? made with
                {
                    ArtifactUri = $"mlflow-artifacts:/0/{made.Id}/artifacts",
                }
                : made
        );
        await RecordAsync(
            services,
            run,
            "train",
            TaskState.Succeeded,
            ("models/churn", model),
            ("reports/train.txt", report),
            ("../outside.txt", report)
        );
        await RecordAsync(services, run, "each[0]", TaskState.Succeeded, ("out", report));
        await RecordAsync(services, run, "each[1]", TaskState.Succeeded, ("out", model));
        await RecordAsync(services, run, "failed", TaskState.Failed, ("never.txt", report));
        var root = $"0/{run.Id}/artifacts";
        await files.PutAsync($"{root}/reports/mine.txt", "mine");

        async Task<string[]> List(string path) =>
            ArtifactClient.Entries(await client.GetAsync("artifacts/list", "run_id", run.Id, "path", path));
        Assert.Equal(["each[0]/", "each[1]/", "models/", "reports/"], await List(""));
        Assert.Equal(["models/churn/"], await List("models"));
        Assert.Equal(["models/churn/MLmodel 11", "models/churn/data/"], await List("models/churn"));
        Assert.Equal(["models/churn/data/w.bin 3"], await List("models/churn/data"));
        Assert.Equal(["reports/mine.txt 4", "reports/train.txt 4"], await List("reports"));
        Assert.Equal(["each[0]/out 4"], await List("each[0]"));
        Assert.Equal("123"u8.ToArray(), await files.FindAsync($"{root}/models/churn/data/w.bin"));
        Assert.Null(await files.FindAsync($"{root}/models/churn/data"));
        Assert.Null(await files.FindAsync($"{root}/never.txt"));
        using var part = await files.SendAsync(
            HttpMethod.Get,
            $"get-artifact?run_id={run.Id}&path=reports/train.txt",
            null,
            ("Range", "bytes=1-2")
        );
        Assert.Equal("in", await part.Content.ReadAsStringAsync());

        foreach (var path in (string[])["models/churn/MLmodel", "models/churn/new", "reports/train.txt", "models"])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Delete])
            {
                using var refused = await files.SendAsync(
                    method,
                    $"{ArtifactClient.Artifacts}/{root}/{path}",
                    method == HttpMethod.Put ? new StringContent("x") : null
                );
                await ArtifactClient.AssertFailsAsync(refused, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);
            }
        }
    }

    [Fact]
    public async Task A_tasks_own_run_is_found_under_its_parent_and_shows_what_the_task_wrote()
    {
        var client = api.Client();
        var files = new ArtifactClient(client.Root);
        var services = api.Services(client.Root.AbsolutePath.Split('/')[2]);
        using var folder = new TestFolder();
        var report = await services.Store.Content.PutAsync(folder.Write("report.txt", "fine"));
        var id = Ids.NewId();
        var run = await services.Runs.CreateAsync(
            new Run
            {
                Id = id,
                ExperimentId = "0",
                Name = "p",
                StartTime = TimeProvider.System.GetUtcNow(),
                ArtifactUri = $"mlflow-artifacts:/0/{id}/artifacts",
                Pipeline = new PipelineRun { Pipeline = "p", DefinitionDigest = "0" },
            }
        );
        await RecordAsync(services, run, "a/b[1]", TaskState.Succeeded, ("out.txt", report));
        await RecordAsync(services, run, "a/b[10]", TaskState.Succeeded, ("other.txt", report));
        var tasks = new TaskRuns(services.Runs, run);
        tasks.Resume(await TaskRecords.ListAsync(services.Runs, run));
        await tasks.FlushAsync();

        var found = (
            await client.PostAsync(
                "runs/search",
                new JsonObject
                {
                    ["experiment_ids"] = new JsonArray("0"),
                    ["filter"] = $"tags.mlflow.parentRunId = '{run.Id}' AND run_name = 'a/b[1]'",
                }
            )
        )["runs"]!.AsArray();

        var nested = (string)Assert.Single(found)!["info"]!["run_id"]!;
        Assert.Equal(TaskRuns.IdOf(run.Id, "a/b[1]"), nested);
        Assert.Equal(["out.txt 4"], ArtifactClient.Entries(await client.GetAsync("artifacts/list", "run_id", nested)));
        Assert.Equal("fine"u8.ToArray(), await files.FindAsync($"0/{nested}/artifacts/out.txt"));
        using var refused = await files.SendAsync(
            HttpMethod.Put,
            $"{ArtifactClient.Artifacts}/0/{nested}/artifacts/out.txt",
            new StringContent("x")
        );
        await ArtifactClient.AssertFailsAsync(refused, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);

        // They go and come back with the run that they are parts of.
        foreach (var (what, stage) in ((string, string)[])[("delete", "deleted"), ("restore", "active")])
        {
            await client.PostAsync("runs/" + what, new JsonObject { ["run_id"] = run.Id });
            Assert.Equal(stage, (string?)(await client.GetAsync("runs/get", "run_id", nested))["run"]!["info"]!["lifecycle_stage"]);
        }
    }

    private static Task RecordAsync(
        WorkspaceServices services,
        Run run,
        string task,
        TaskState state,
        params (string Path, ContentRef Content)[] artifacts
    )
    {
        var record = new TaskRecord
        {
            Path = task,
            Attempt = 1,
            State = state,
            StartedAt = TimeProvider.System.GetUtcNow(),
            Result = new TaskResult { State = state, Artifacts = artifacts.ToDictionary(a => a.Path, a => a.Content) },
        };
        return services.Runs.Table.CommitAsync(
            RowChange.Put(Row.Of(services.Runs.Keys.Experiment(run.ExperimentId), RunKeys.Task(run.Id, task, 1), record))
        );
    }
}
