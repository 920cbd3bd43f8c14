using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Properties;

/// <summary>A host that goes away in the middle of a run: another one goes on, and the end is the same.</summary>
public sealed class CrashTests(AzuriteFixture azurite)
{
    public static TheoryData<int> Batches => [0, 1, 2];

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task A_run_whose_host_stops_anywhere_ends_as_if_nothing_had_happened(int batch)
    {
        for (var seed = 100 + (batch * 6); seed < 106 + (batch * 6); seed++)
        {
            await using var crash = await CrashAsync(seed);
            using var stop = new CancellationTokenSource();
            crash.AtPoint = stop.Cancel;
            try
            {
                await crash.First.DriveAsync(crash.Run, crash.Observe, stop.Token);
            }
            catch (OperationCanceledException) { }

            await crash.GoOnAsync(await crash.Second.DriveAsync(crash.Run));
        }
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task A_run_taken_from_a_host_that_still_believes_in_it_ends_as_if_nothing_had_happened(int batch)
    {
        for (var seed = 200 + (batch * 6); seed < 206 + (batch * 6); seed++)
        {
            await using var crash = await CrashAsync(seed);
            var taken = new TaskCompletionSource<Task<Run?>>(TaskCreationOptions.RunContinuationsAsynchronously);
            // To the second host's clock the first one's lease has long run out.
            crash.AtPoint = () => taken.TrySetResult(Task.Run(crash.TakeAsync));
            try
            {
                await crash.First.DriveAsync(crash.Run, crash.Observe);
            }
            catch (ServerlessException e)
            {
                Assert.Equal(ErrorCodes.ResourceConflict, e.Code);
            }

            taken.TrySetResult(crash.TakeAsync());
            await crash.GoOnAsync(await await taken.Task);
        }
    }

    private async Task<Crash> CrashAsync(int seed)
    {
        var store = await azurite.OpenStoreAsync();
        var world = new World();
        var pipeline = new RandomPipeline(seed, world);
        var host = new LocalEngineUnderTest(store);
        var first = host.NewEngine();
        var run = await first.SubmitAsync(new PipelineDocument(pipeline.Pipeline, "p", []), 3);
        return new Crash(
            host,
            world,
            pipeline,
            first,
            host.NewEngine(new ShiftedTime(TimeSpan.FromHours(1))),
            run,
            new Random(seed).Next(1, 2 * pipeline.States.Count)
        );
    }

    private sealed record Crash(
        LocalEngineUnderTest Host,
        World World,
        RandomPipeline Pipeline,
        LocalEngine First,
        LocalEngine Second,
        Run Run,
        int Point
    ) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<(string Path, int Attempt), bool> recorded = new();
        private IReadOnlyDictionary<(string Path, int Attempt), bool>? recordedThen;
        private int events;

        public Action AtPoint { get; set; } = () => { };

        public void Observe(RunEvent e)
        {
            if (e.Task.State is TaskState.Succeeded or TaskState.Failed)
            {
                recorded[(e.Task.Path, e.Task.Attempt)] = true;
            }

            if (Interlocked.Increment(ref events) == Point)
            {
                recordedThen = new Dictionary<(string, int), bool>(recorded);
                AtPoint();
            }
        }

        /// <summary>Takes the run over; the other host renews its lease all the time, so that may take more than one try.</summary>
        public async Task<Run?> TakeAsync()
        {
            Run? ended;
            do
            {
                ended = await Second.DriveAsync(Run);
            } while (ended is null);
            return ended;
        }

        public async Task GoOnAsync(Run? ended)
        {
            Assert.NotNull(ended);
            var tasks = await Second.ListTasksAsync(ended);
            var states = ContractRun.Sorted(tasks.Select(t => $"{t.Path}:{t.State}"));
            Assert.True(
                Pipeline.ExpectedStates == states,
                $"{Pipeline}, crash at event {Point}\nexpected {Pipeline.ExpectedStates}\nbut got  {states}"
            );
            Assert.Equal(Pipeline.States.ContainsValue(TaskState.Failed) ? RunStatus.Failed : RunStatus.Finished, ended.Status);
            Assert.Equal(Pipeline.States.Count, ended.Pipeline!.Tasks.Values.Sum());
            Assert.Empty(await Second.Runs.ListOpenAsync());
            var nested = (await Second.Runs.ListAsync(ended.ExperimentId))
                .Where(r => r.Task is not null)
                .Select(r => $"{r.Task!.Path}:{r.Task.State}");
            Assert.True(
                states == ContractRun.Sorted(nested),
                $"{Pipeline}, crash at event {Point}: the tasks' runs are {ContractRun.Sorted(nested)}"
            );
            var calls = World.CallsByPath();
            foreach (var (path, expected) in Pipeline.Calls)
            {
                var isRecorded =
                    expected > 0
                    && recordedThen is not null
                    && Enumerable.Range(1, expected).All(attempt => recordedThen.ContainsKey((path, attempt)));
                if (isRecorded)
                {
                    Assert.True(
                        expected == calls.GetValueOrDefault(path),
                        $"{Pipeline}, crash at event {Point}: '{path}' was recorded and ran {calls.GetValueOrDefault(path)} times."
                    );
                }
            }
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
