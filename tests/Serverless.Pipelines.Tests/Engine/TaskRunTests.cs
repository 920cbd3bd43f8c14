using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Engine;

/// <summary>Each task of a pipeline's run is a run of its own, nested in it.</summary>
public sealed class TaskRunTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    [Fact]
    public async Task A_task_is_a_nested_run_with_its_params_metrics_status_and_tags()
    {
        var run = await SubmitAsync(
            """
            stages:
              train: {cmd: "echo '{\"loss\": {\"train\": 0.5}}' > m.json", metrics: [m.json]}
              each: {foreach: [1, 2], do: {uses: test/noop, with: {key: '{key}', number: '${item}'}}}
              bad: {cmd: 'exit 3'}
              after: {uses: test/noop, when: bad.path == 'x'}
            """
        );

        var ended = (await DriveAsync(run)).Run;

        var nested = await NestedAsync(ended);
        Assert.Equal(["after", "bad", "each@1", "each@2", "train"], nested.Keys.Order(StringComparer.Ordinal));
        Assert.All(
            nested.Values,
            r =>
                Assert.Equal(
                    (ended.Id, r.Name, "JOB"),
                    (r.Tags["mlflow.parentRunId"], r.Tags["mlflow.runName"], r.Tags["mlflow.source.type"])
                )
        );
        Assert.Equal(
            (RunStatus.Finished, "Succeeded", 0.5),
            (nested["train"].Status, nested["train"].Tags["serverless.task.state"], nested["train"].Metrics["loss.train"].Value)
        );
        Assert.Equal("2", nested["each@2"].Params["number"]);
        Assert.Equal(
            (RunStatus.Failed, true),
            (nested["bad"].Status, nested["bad"].Tags["serverless.task.reason"].Contains("exited with 3"))
        );
        Assert.Equal((RunStatus.Finished, "Skipped"), (nested["after"].Status, nested["after"].Tags["serverless.task.state"]));
        Assert.All(nested.Values, r => Assert.True(r.EndTime >= r.StartTime));
        Assert.Equal($"mlflow-artifacts:/{ended.ExperimentId}/{nested["train"].Id}/artifacts", nested["train"].ArtifactUri);
        // A client finds them by their ids, and their metrics have a history; that of the whole run too.
        Assert.Equal("train", (await Engine.Runs.GetAsync(nested["train"].Id)).Name);
        Assert.Equal(0.5, Assert.Single(await Engine.Runs.GetHistoryAsync(nested["train"], "loss.train")).Value);
        Assert.Equal(0.5, Assert.Single(await Engine.Runs.GetHistoryAsync(ended, "train.loss.train")).Value);
        Assert.Equal("train", Assert.Single(await TaskRecords.ListAsync(Engine.Runs, nested["train"])).Path);
        // They are parts of a run, not runs of a pipeline.
        Assert.Equal([ended.Id], (await Engine.Runs.ListAsync(10)).Select(r => r.Id));
    }

    [Fact]
    public async Task A_retry_changes_the_same_run_and_keeps_what_a_client_wrote_to_it()
    {
        var run = await SubmitAsync(
            """
            stages:
              good: {uses: test/noop, with: {key: '{key}good'}}
              flaky: {uses: test/flaky, with: {key: '{key}', failures: 3}, retry: {attempts: 2, backoff: 0.001}}
            """
        );
        var first = (await DriveAsync(run)).Run;
        var failed = (await NestedAsync(first))["flaky"];
        Assert.Equal((RunStatus.Failed, 1, 2), (failed.Status, failed.Task!.Generation, failed.Task.Attempt));
        var mine = new RunStore(Store, TimeProvider.System);
        await mine.UpdateAsync(failed.ExperimentId, failed.Id, r => r.WithTags([new("note", "look at this")]));

        var second = (await DriveAsync(await Engine.RetryAsync(first))).Run;

        var nested = await NestedAsync(second);
        Assert.Equal(["flaky", "good"], nested.Keys.Order(StringComparer.Ordinal));
        var mended = nested["flaky"];
        Assert.Equal(
            (failed.Id, RunStatus.Finished, 2, "look at this"),
            (mended.Id, mended.Status, mended.Task!.Generation, mended.Tags["note"])
        );
        Assert.Null(mended.Error);
    }

    [Fact]
    public async Task A_hit_of_the_cache_is_a_run_that_says_so()
    {
        const string Pipeline = "stages:\n  a: {uses: test/noop, with: {key: '{key}'}}";
        await DriveAsync(await SubmitAsync(Pipeline));

        var again = (await DriveAsync(await SubmitAsync(Pipeline))).Run;

        Assert.Equal("true", (await NestedAsync(again))["a"].Tags["serverless.task.cacheHit"]);
        Assert.Equal(1, Trace.Count(Key));
    }

    [Fact]
    public async Task Records_in_any_order_and_any_number_leave_the_last_state()
    {
        var experiment = await Engine.Runs.Experiments.GetOrCreateAsync("e");
        var run = await Engine.Runs.CreateAsync(
            new Run
            {
                Id = Ids.NewId(),
                ExperimentId = experiment.Id,
                Name = "p",
                ArtifactUri = "x:/y",
                StartTime = TimeProvider.System.GetUtcNow(),
            }
        );
        TaskRecord At(int generation, int attempt, TaskState state) =>
            new()
            {
                Path = "t",
                Generation = generation,
                Attempt = attempt,
                State = state,
                StartedAt = run.StartTime,
                EndedAt = state == TaskState.Running ? null : run.StartTime,
                Result = new TaskResult
                {
                    State = state,
                    Metrics = new Dictionary<string, double> { ["m"] = (generation * 10) + attempt },
                },
            };
        TaskRecord[] records =
        [
            At(1, 1, TaskState.Running),
            At(1, 1, TaskState.Failed),
            At(1, 2, TaskState.Failed),
            At(2, 1, TaskState.Running),
            At(2, 1, TaskState.Succeeded),
        ];

        foreach (var record in (TaskRecord[])[records[4], .. records, records[2], records[4]])
        {
            var writer = new TaskRuns(Engine.Runs, run);
            writer.Resume([record]);
            await writer.FlushAsync();
        }

        var nested = (await NestedAsync(run))["t"];
        Assert.Equal(
            (RunStatus.Finished, 2, "Succeeded", 21.0),
            (nested.Status, nested.Task!.Generation, nested.Task.State, nested.Metrics["m"].Value)
        );
        Assert.Single(await Engine.Runs.GetHistoryAsync(nested, "m"));
    }

    [Fact]
    public async Task More_params_than_a_run_holds_leave_a_run_without_them()
    {
        var experiment = await Engine.Runs.Experiments.GetOrCreateAsync("e");
        var run = await Engine.Runs.CreateAsync(
            new Run
            {
                Id = Ids.NewId(),
                ExperimentId = experiment.Id,
                Name = "p",
                StartTime = TimeProvider.System.GetUtcNow(),
            }
        );
        var many = Enumerable
            .Range(0, 200)
            .ToDictionary(i => $"p{i}", _ => System.Text.Json.JsonSerializer.SerializeToElement(new string('x', 6000)));
        var writer = new TaskRuns(Engine.Runs, run);

        writer.Report(
            new TaskRecord
            {
                Path = "big",
                Attempt = 1,
                State = TaskState.Succeeded,
                Parameters = many,
            }
        );
        writer.Report(
            new TaskRecord
            {
                Path = "small",
                Attempt = 1,
                State = TaskState.Succeeded,
            }
        );
        await writer.FlushAsync();

        var nested = await NestedAsync(run);
        Assert.Equal((RunStatus.Finished, RunStatus.Finished), (nested["big"].Status, nested["small"].Status));
        Assert.Empty(nested["big"].Params);
    }

    private async Task<Dictionary<string, Run>> NestedAsync(Run run) =>
        (await new RunStore(Store, TimeProvider.System).ListAsync(run.ExperimentId))
            .Where(r => r.Task?.RunId == run.Id)
            .ToDictionary(r => r.Name);
}
