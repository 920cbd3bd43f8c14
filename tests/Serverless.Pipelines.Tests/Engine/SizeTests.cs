using System.Diagnostics;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Engine;

/// <summary>Large graphs: the orchestrator's own work stays small, on its one thread, however deep the stack would get.</summary>
public sealed class SizeTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    private const int SmallStack = 256 * 1024;

    [Fact]
    public async Task A_thousand_tasks_side_by_side_end()
    {
        var world = new World();
        var build = new Build(world);
        var tasks = Enumerable
            .Range(0, 1000)
            .Select(i => build.Step($"t{i}"))
            .Append(build.Step("end", [.. Enumerable.Range(0, 1000).Select(i => $"t{i}")]))
            .ToArray();

        var run = await Engine.SubmitAsync(new PipelineDocument(Pipeline(tasks), "p", []), parallelism: 64);
        var ended = await Engine.DriveAsync(run);

        Assert.Equal(RunStatus.Finished, ended!.Status);
        Assert.Equal(1001, ended.Pipeline!.Tasks["Succeeded"]);
        Assert.Equal(1001, world.CallsByPath().Count);
    }

    [Theory]
    [InlineData(4000, 0)]
    [InlineData(1000, 1)]
    public async Task What_is_recorded_is_flown_through_on_one_thread_and_a_small_stack(int count, int after)
    {
        var build = new Build(new World());
        var names = Enumerable.Range(0, count).Select(i => $"t{i}").ToList();
        var tasks = names.Select((name, i) => build.Step(name, [.. names.Skip(i - after).Take(Math.Min(i, after))])).ToArray();
        var definition = new RunDefinition { Pipeline = Pipeline(tasks), Parallelism = 8 };
        Task<PipelineResult>? orchestrator = null;
        IReadOnlyList<string> violations = [];
        var watch = Stopwatch.StartNew();
        var worker = new Thread(
            () =>
            {
                var thread = new ReplayThread();
                thread.Run(() => orchestrator = PipelineOrchestrator.RunAsync(new InstantContext(thread), "r", "1", definition));
                violations = thread.Violations;
            },
            SmallStack
        );
        worker.Start();
        worker.Join();

        Assert.Empty(violations);
        Assert.True(orchestrator!.IsCompletedSuccessfully);
        Assert.Equal(count, (await orchestrator).Tasks.Count);
        // A quadratic cost would take minutes.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public async Task A_chain_is_replayed_after_each_of_its_tasks()
    {
        await using var engine = new ReplayEngineUnderTest(Store, SmallStack);
        var world = new World();
        var build = new Build(world);
        var tasks = Enumerable.Range(0, 100).Select(i => i == 0 ? build.Step("t0") : build.Step($"t{i}", $"t{i - 1}")).ToArray();

        var run = await engine.RunAsync(Pipeline(tasks), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.All(world.CallsByPath(), c => Assert.Equal(1, c.Value));
    }

    /// <summary>Everything is recorded: all calls are answered at once.</summary>
    private sealed class InstantContext(ReplayThread thread) : IOrchestrationContext
    {
        public DateTimeOffset UtcNow => DateTimeOffset.UnixEpoch;

        public Task<TaskResult> RunTaskAsync(TaskCall call)
        {
            thread.Check(nameof(RunTaskAsync));
            return Task.FromResult(new TaskResult { State = TaskState.Succeeded });
        }

        public Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken) =>
            new TaskCompletionSource<Signal?>().Task.WaitAsync(cancellationToken);

        public void ReportProgress(string taskPath, int attempt, TaskResult result) { }
    }
}
