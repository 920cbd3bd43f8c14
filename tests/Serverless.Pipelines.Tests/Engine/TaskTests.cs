using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Engine;

/// <summary>One task from its inputs to its record: logs, secrets, limits, names, components that misbehave.</summary>
public sealed class TaskTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    private const string Variable = "ENGINE_TEST_API_TOKEN";
    private const string Secret = "s3cr3t-of-the-engine-tests";
    private readonly AzuriteFixture azurite = azurite;
    private readonly World world = new();

    [Fact]
    public async Task Values_that_are_too_large_for_an_engine_are_refused()
    {
        var outcome = await RunAsync(Pipeline(new Build(world).Step("big").With("value", new string('x', 50_000)).With("key", world.Key)));

        Assert.Equal("big:Failed", outcome.States);
        Assert.Contains("The maximum is 49,152", outcome.Tasks["big"].Result.Error!.Message);
        Assert.NotNull(outcome.Tasks["big"].Result.Error!.Fix);
    }

    [Fact]
    public async Task Secrets_are_refused_wherever_they_stand_when_a_run_is_submitted()
    {
        var build = new Build(world);
        var nested = Graph("g", Body(build.Step("a").With("value", new { deep = new[] { new { password = "hunter2-hunter2" } } })));
        var concat = build.Step("b").With("value", new ParameterBinding.Concat([Of("https://user:pass-word@host/")]));
        var spec = Pipeline(nested, concat).Given("db", new { connection_string = "Server=x;Something" });

        var e = await Assert.ThrowsAsync<ServerlessException>(() => RunAsync(spec));

        Assert.Equal(
            [
                "The parameter 'db.connection_string' looks like a secret.",
                "'g/a': 'value.deep.password' looks like a secret.",
                "'b': 'value' looks like a secret.",
            ],
            e.Diagnostics.Select(d => d.Message)
        );
        Assert.Empty(await Engine.Runs.ListAsync(10));
    }

    [Fact]
    public async Task Secrets_of_the_environment_reach_no_log_no_error_and_no_value()
    {
        Environment.SetEnvironmentVariable(Variable, Secret);
        var engine = NewEngine();
        Folder.Write(
            "p/dvc.yaml",
            $$$"""
            stages:
              prints: {cmd: 'echo "<${{{Variable}}}>"; exit 1'}
              throws: {uses: test/troubled, with: {how: 'throw {{{Variable}}}'}}
              gives: {uses: test/troubled, with: {how: 'give {{{Variable}}}'}}
            """
        );
        var run = await engine.DriveAsync(await engine.SubmitAsync(DvcYaml.Read(Folder.At("p"), Catalog)));
        var outcome = await OutcomeAsync(run!);

        Assert.Equal("gives:Failed prints:Failed throws:Failed", outcome.States);
        Assert.Contains("<***>", await LogAsync(outcome.Tasks["prints"]));
        Assert.Contains("<***>", outcome.Tasks["prints"].Result.Error!.Message);
        Assert.Equal("InvalidOperationException: it was ***", outcome.Tasks["throws"].Result.Error!.Message);
        Assert.Contains("looks like a secret", outcome.Tasks["gives"].Result.Error!.Message);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(outcome.Tasks) + JsonSerializer.Serialize(run));
    }

    [Fact]
    public async Task A_log_can_be_read_while_its_task_runs()
    {
        var run = await SubmitAsync("stages:\n  talks: {uses: test/troubled, with: {how: 'talk {key}'}}");
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var driving = Engine.DriveAsync(run, e => started.TrySetResult(e.Task.Log!));
        var name = await started.Task;

        // It is written once a second.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var text = "";
        while (text.Length == 0)
        {
            await using var log = await Store.Logs.OpenAsync(name, 0, patience.Token) ?? Stream.Null;
            text = await new StreamReader(log).ReadToEndAsync(patience.Token);
        }

        Assert.EndsWith(" I am here\n", text);
        Trace.GateOf(Key).TrySetResult();
        Assert.Equal(RunStatus.Finished, (await driving)!.Status);
    }

    [Fact]
    public async Task A_task_whose_log_cannot_be_stored_still_ends_and_says_so()
    {
        var time = new FrozenTime(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var engine = NewEngine(time);
        Folder.Write("p/dvc.yaml", "stages:\n  a: {cmd: 'echo hello > o', outs: [o]}");
        var run = await engine.SubmitAsync(DvcYaml.Read(Folder.At("p"), Catalog));
        var name = TaskLog.NameOf(
            new TaskCall
            {
                RunId = run.Id,
                ExperimentId = "",
                Pipeline = "",
                Path = "a",
                Attempt = 1,
                Component = new ComponentSpec.Import(),
            },
            time.GetUtcNow()
        );
        var blob = new BlobContainerClient(azurite.ConnectionString, Store.ContainerName).GetBlobClient($"{Store.Workspace}/logs/{name}");
        await blob.UploadAsync(BinaryData.FromString("mine"));
        await blob.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(-1));

        var outcome = await OutcomeAsync((await engine.DriveAsync(run))!);

        Assert.Equal("a:Succeeded", outcome.States);
        Assert.Contains("The log is not complete", outcome.Tasks["a"].Result.Reason);
    }

    [Fact]
    public async Task A_component_that_does_not_listen_is_left_behind_when_its_time_is_over()
    {
        var outcome = await RunAsync("stages:\n  deaf: {uses: test/troubled, with: {how: 'deaf {key}'}, timeout: 0.05s}")
            .WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(ErrorCodes.TaskTimedOut, outcome.Tasks["deaf"].Result.Error!.Code);
        Trace.GateOf(Key).SetResult();
    }

    [Fact]
    public async Task A_component_that_gives_up_by_itself_has_failed_and_was_not_cancelled()
    {
        var outcome = await RunAsync("stages:\n  gives-up: {uses: test/troubled, with: {how: give-up}}");

        Assert.Equal("gives-up:Failed", outcome.States);
        Assert.Equal(RunStatus.Failed, outcome.Run.Status);
    }

    [Fact]
    public async Task Any_name_is_a_name_for_a_task()
    {
        string[] names =
        [
            "train@data/x y",
            "ü 日本 😀",
            "..",
            "a/../../../b",
            "#?%|~'\"\\:",
            new string('n', 200),
            new string('n', 201),
            string.Concat(Enumerable.Repeat("😀", 90)),
        ];
        var tasks = names
            .Select(
                (name, i) =>
                    new TaskSpec
                    {
                        Name = name,
                        Component = new ComponentSpec.InProcess("test/flaky"),
                        Parameters = new Dictionary<string, ParameterBinding>
                        {
                            ["key"] = Of($"{Key}{i}"),
                            ["failures"] = Of(1),
                            ["out"] = Of($"o{i}"),
                        },
                        Outputs = [new ArtifactOutput { Path = $"o{i}" }],
                        Retry = new RetrySpec { Attempts = 2, Backoff = TimeSpan.FromMilliseconds(1) },
                        Approval = i == 3 ? new ApprovalSpec { Deadline = TimeSpan.FromHours(1) } : null,
                    }
            )
            .ToArray();
        var run = await Engine.SubmitAsync(new PipelineDocument(Pipeline(tasks), "p", []));
        await Engine.SignalAsync(run, ContractScript.Yes(names[3]));

        var outcome = await DriveAsync(run);

        Assert.Equal(RunStatus.Finished, outcome.Run.Status);
        Assert.Equal(names.Order(StringComparer.Ordinal), outcome.Tasks.Keys.Order(StringComparer.Ordinal));
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal((2, 2), (outcome.Tasks[names[i]].Attempt, Trace.Count($"{Key}{i}")));
            Assert.EndsWith(" call 2\n", await LogAsync(outcome.Tasks[names[i]]));
        }

        Assert.Equal(names.Length, outcome.Tasks.Values.Select(t => t.Log).Distinct().Count());
    }

    [Fact]
    public async Task A_folder_of_other_tasks_outputs_is_one_input_whose_digest_holds_all_of_them()
    {
        const string yaml = """
            stages:
              a: {cmd: 'mkdir -p m/sub; echo ONE > m/a.txt', outs: [m/a.txt]}
              b: {cmd: 'mkdir -p m/sub; echo two > m/sub/b.txt', outs: [m/sub/b.txt]}
              use: {uses: test/folder, with: {folder: m}, always_changed: true}
            """;
        var first = (await RunAsync(yaml)).Tasks["use"].Result;
        var same = (await RunAsync(yaml)).Tasks["use"].Result;
        var other = (await RunAsync(yaml.Replace("ONE", "other"))).Tasks["use"].Result;

        Assert.Equal("\"a.txt sub/b.txt\"", first.Values["files"].GetRawText());
        Assert.EndsWith(".dir\"", first.Values["digest"].GetRawText());
        Assert.Equal(first.Values["digest"].GetString(), same.Values["digest"].GetString());
        Assert.NotEqual(first.Values["digest"].GetString(), other.Values["digest"].GetString());
    }

    private async Task<Outcome> RunAsync(PipelineSpec spec) =>
        await DriveAsync(await Engine.SubmitAsync(new PipelineDocument(spec, "p", [])));

    private sealed class FrozenTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
