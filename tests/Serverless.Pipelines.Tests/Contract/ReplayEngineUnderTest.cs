using System.Collections.Concurrent;
using System.Threading.Channels;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Engine;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Testing;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>
/// A durable engine in small: after each thing that happens, the orchestrator runs again from the start over the recorded history.
/// Whatever it does differently than the pass before fails the run. Tasks are run for real; timers fire when nothing else can happen.
/// </summary>
internal sealed class ReplayEngineUnderTest(Store store, int stackSize = 0) : IEngineUnderTest
{
    private readonly TestFolder folder = new();
    private readonly Store store = store;
    private readonly int stack = stackSize;

    public async Task<ContractRun> RunAsync(PipelineSpec pipeline, ContractScript script)
    {
        var sources = new Dictionary<string, ContentRef>();
        foreach (var (path, text) in script.Sources)
        {
            sources[path] = await store.Content.PutAsync(folder.Write("p/" + path, text));
        }

        var definition = new RunDefinition
        {
            Pipeline = pipeline,
            Sources = sources,
            Parallelism = script.Parallelism,
        };
        var runId = Ids.NewId();
        var result = await RunAsync(context => PipelineOrchestrator.RunAsync(context, runId, "1", definition), script);
        return new ContractRun(result.Status, result.Error, result.Tasks);
    }

    /// <summary>Any orchestrator at all.</summary>
    public Task<PipelineResult> RunAsync(Func<IOrchestrationContext, Task<PipelineResult>> orchestrator, ContractScript script) =>
        new Execution(this, orchestrator, script).RunAsync();

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Execution(
        ReplayEngineUnderTest engine,
        Func<IOrchestrationContext, Task<PipelineResult>> orchestrate,
        ContractScript script
    )
    {
        private readonly TaskExecutor executor = new(
            new TaskExecutorSettings(engine.store, EngineTest.Catalog, NoServices.Instance, engine.folder.At("work"), TimeProvider.System)
        );

        private readonly MemoryJournal journal = new();
        private readonly List<HistoryEvent> history = [];
        private readonly List<OrchestratorAction> actions = [];
        private readonly Channel<HistoryEvent> inbox = Channel.CreateUnbounded<HistoryEvent>();
        private readonly Dictionary<string, TimeSpan> timers = new(StringComparer.Ordinal);
        private readonly HashSet<(string, TaskState)> answered = [];
        private readonly CancellationTokenSource canceled = new();
        private TimeSpan now;
        private int running;

        public async Task<PipelineResult> RunAsync()
        {
            while (true)
            {
                var (result, done) = Pass();
                for (var i = 0; i < actions.Count && i < done.Count; i++)
                {
                    Assert.True(
                        done[i].IsSame(actions[i]),
                        $"Not deterministic: action {i} was {actions[i]}, and is {done[i]} in the next pass."
                    );
                }

                Assert.True(done.Count >= actions.Count, "Not deterministic: a pass did less than the one before.");
                foreach (var action in done.Skip(actions.Count))
                {
                    Act(action);
                }

                actions.Clear();
                actions.AddRange(done);
                if (result is not null)
                {
                    Assert.Equal(0, running);
                    Assert.True(timers.Count == 0, $"Timers were left behind: {string.Join(", ", timers.Keys)}");
                    return result;
                }

                history.Add(await NextAsync());
            }
        }

        /// <summary>The orchestrator from its start to where the history ends.</summary>
        private (PipelineResult? Result, List<OrchestratorAction> Actions) Pass()
        {
            Task<PipelineResult> orchestrator = null!;
            ReplayThread thread = null!;
            ReplayContext context = null!;
            var worker = new Thread(
                () =>
                {
                    thread = new ReplayThread();
                    context = new ReplayContext(thread);
                    thread.Run(() => orchestrator = orchestrate(context));
                    foreach (var happened in history)
                    {
                        thread.Run(() => context.Feed(happened));
                    }
                },
                engine.stack
            );
            worker.Start();
            worker.Join();
            lock (thread.Violations)
            {
                Assert.Empty(thread.Violations);
            }

            if (orchestrator.IsFaulted)
            {
                orchestrator.GetAwaiter().GetResult();
            }

            return (orchestrator.IsCompleted ? orchestrator.Result : null, context.Actions);
        }

        private void Act(OrchestratorAction action)
        {
            if (action.Call is { } call)
            {
                running++;
                _ = Task.Run(() => ExecuteAsync(call));
            }
            else if (action.Timer is { } timer)
            {
                timers.Add(timer.Key, now + timer.Delay);
            }
            else if (action.CanceledTimer is { } key)
            {
                timers.Remove(key);
            }
            else if (action.Progress is { } told)
            {
                Tell(told.Path, told.State);
            }
        }

        private async Task ExecuteAsync(TaskCall call)
        {
            var result = await executor.RunAsync(
                call,
                journal,
                record => Tell(record.Path, record.State),
                call.IsShielded ? CancellationToken.None : canceled.Token
            );
            inbox.Writer.TryWrite(new HistoryEvent.TaskEnded(call.Path, call.Attempt, result));
        }

        private void Tell(string path, TaskState state)
        {
            lock (answered)
            {
                if (answered.Add((path, state)) && script.Answer(path, state) is { } signal)
                {
                    inbox.Writer.TryWrite(new HistoryEvent.Signaled(signal));
                }
            }
        }

        private async Task<HistoryEvent> NextAsync()
        {
            if (!inbox.Reader.TryRead(out var next) && running == 0 && timers.Count > 0)
            {
                var first = timers.MinBy(t => t.Value);
                timers.Remove(first.Key);
                now = first.Value;
                return new HistoryEvent.TimerFired(first.Key);
            }

            if (next is null)
            {
                Assert.True(running > 0, "The orchestrator waits for something that the engine knows nothing of.");
                next = await inbox.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            }

            if (next is HistoryEvent.TaskEnded)
            {
                running--;
            }
            else if (next is HistoryEvent.Signaled { Signal.Name: Signal.Cancel })
            {
                await canceled.CancelAsync();
            }

            return next;
        }
    }

    private sealed class MemoryJournal : ITaskJournal
    {
        private readonly ConcurrentDictionary<string, CacheEntry> entries = new();

        public void Post(TaskRecord record) { }

        public Task EndAsync(TaskRecord record, CacheEntry? entry)
        {
            if (entry is not null)
            {
                entries[record.CacheKey!] = entry;
            }

            return Task.CompletedTask;
        }

        public Task<CacheEntry?> FindCachedAsync(string key, CancellationToken cancellationToken) =>
            Task.FromResult(entries.GetValueOrDefault(key));
    }
}
