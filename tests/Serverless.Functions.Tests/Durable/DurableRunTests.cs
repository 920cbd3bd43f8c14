using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Functions.Automation;
using Serverless.Functions.Durable;
using Serverless.Functions.Timers;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Functions.Tests.Durable;

/// <summary>What only a durable engine has to do.</summary>
public sealed class DurableRunTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly World world = new();
    private Store store = null!;
    private DurableEngineUnderTest engine = null!;

    private Build Build => new(world);

    public async ValueTask InitializeAsync()
    {
        store = await azurite.OpenStoreAsync();
        engine = new DurableEngineUnderTest(store);
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    [Fact]
    public async Task A_wide_fan_out_goes_in_batches_and_leaves_a_short_history()
    {
        const int items = 300;
        var run = await engine.SubmitAsync(
            Pipeline(
                Build.Step("each").For(Of(Enumerable.Range(0, items))).With("value", Item()),
                Build.Step("all").With("value", From("each"))
            ),
            new ContractScript { Parallelism = 100 }
        );

        var ended = await engine.EndAsync(run);

        Assert.Equal(RunStatus.Finished, ended.Status);
        Assert.Equal($"[{string.Join(',', Enumerable.Range(0, items))}]", ended.Value("all"));
        Assert.Equal(items + 1, world.CallsByPath().Count);
        Assert.All(world.CallsByPath(), c => Assert.Equal(1, c.Value));
        var children = engine.World.Instances.Values.Where(i => i.Name == "pipeline-batch").ToList();
        Assert.Equal(items / 20, children.Count);
        Assert.InRange(engine.World.Instances[run.Id].HistoryLength, 1, 100);
        Assert.All(children, c => Assert.InRange(c.HistoryLength, 1, 100));
    }

    [Fact]
    public async Task Values_and_definitions_of_any_size_go_through_in_messages_of_16_KB()
    {
        // Nothing that compresses: the engine in small refuses every longer message.
        var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(30_000));
        var tasks = Enumerable
            .Range(0, 40)
            .Select(i => Build.Step($"t{i}") with { Description = Convert.ToBase64String(RandomNumberGenerator.GetBytes(900)) });
        var run = await engine.RunAsync(
            Pipeline([Build.Step("make").With("value", text), Build.Step("use").With("value", From("make")), .. tasks]),
            new ContractScript()
        );

        Assert.True(run.Status == RunStatus.Finished, run.Error?.Message);
        Assert.Equal($"\"{text}\"", run.Value("use").Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    /// <summary>The host would write `1e-3` as `0.001`, and a command line with it.</summary>
    [Fact]
    public async Task Numbers_keep_their_text_and_deep_values_their_depth()
    {
        const int depth = 80;
        var deep = string.Concat(Enumerable.Repeat("[", depth)) + "1e-3" + string.Concat(Enumerable.Repeat("]", depth));
        foreach (
            var json in new[]
            {
                "1e-3",
                "1.10",
                "-0",
                "0.30000000000000000001",
                "123456789012345678901234567890",
                "{\"a\":[1,2.50]}",
                "null",
                "17",
                deep,
            }
        )
        {
            var value = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 100 }).RootElement;
            var message = await EngineMessage.PackAsync(
                new List<string> { value.GetRawText() },
                _ => throw new InvalidOperationException()
            );
            Assert.Equal([json], await ThroughAsync<List<string>>(message));
            if (json != deep)
            {
                Assert.Equal(
                    json,
                    (
                        await ThroughAsync<JsonElement>(await EngineMessage.PackAsync(value, _ => throw new InvalidOperationException()))
                    ).GetRawText()
                );
            }
        }

        static Task<T> ThroughAsync<T>(EngineMessage message) =>
            JsonSerializer
                .Deserialize<EngineMessage>(HostJson.Through(JsonSerializer.Serialize(message)))!
                .UnpackAsync<T>(_ => throw new InvalidOperationException());
    }

    [Fact]
    public async Task A_run_that_has_ended_may_still_be_told_something()
    {
        var run = await engine.SubmitAsync(Pipeline(Build.Step("a")), new ContractScript());
        await engine.EndAsync(run);

        await engine.Engine.SignalAsync(run, ContractScript.Cancel);

        Assert.Equal(RunStatus.Finished, (await engine.Engine.Runs.GetAsync(run.Id)).Status);
    }

    [Fact]
    public async Task The_runs_id_is_the_instances_and_a_start_may_come_twice()
    {
        var run = await engine.SubmitAsync(Pipeline(Build.Step("a")), new ContractScript());
        var driver = new DurableDriver(engine.Clients);
        await driver.StartAsync(store.Workspace, run);

        await engine.EndAsync(run);
        await driver.StartAsync(store.Workspace, run);
        var ended = await engine.EndAsync(run);

        Assert.Equal(RunStatus.Finished, ended.Status);
        Assert.Equal("a:1", world.Calls);
    }

    [Fact]
    public async Task A_retry_runs_only_what_failed_under_the_same_id()
    {
        var run = await engine.SubmitAsync(
            Pipeline(Build.Step("a"), Build.Step("b", "a").With("fail", 1).Retry(1), Build.Step("c", "b")),
            new ContractScript()
        );
        var failed = await engine.EndAsync(run);
        Assert.Equal("a:Succeeded b:Failed c:Skipped", failed.States);

        // The next attempt is number one again, and fails again: only what had failed is run.
        await engine.Engine.RetryAsync(await engine.Engine.Runs.GetAsync(run.Id));
        await engine.EndAsync(run);

        Assert.Equal("a:1 b:2", world.Calls);
        Assert.Equal(2, (await engine.Engine.Runs.GetAsync(run.Id)).Pipeline!.Generation);
    }

    [Fact]
    public async Task A_pause_starts_nothing_new_until_somebody_resumes()
    {
        Run? run = null;
        run = await engine.SubmitAsync(
            Pipeline(
                Build.Step("first"),
                Build.Step("second", "first"),
                Build.Step("beat") with
                {
                    Approval = new ApprovalSpec { Deadline = TimeSpan.FromDays(1) },
                }
            ),
            new ContractScript { Answer = (path, state) => (path, state) == ("first", TaskState.Running) ? Say(Signal.Pause) : null }
        );

        // Nobody answers: the day passes, and the paused task has still not begun.
        var e = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => engine.EndAsync(run));
        Assert.Contains("knows nothing of", e.Message);
        Assert.Equal("first:1", world.Calls);

        await engine.Engine.SignalAsync(run, Say(Signal.Resume));
        var ended = await engine.EndAsync(run);
        Assert.Equal("beat:Canceled first:Succeeded second:Succeeded", ended.States);
    }

    [Fact]
    public async Task Cancel_reaches_a_paused_run()
    {
        var run = await engine.SubmitAsync(
            Pipeline(Build.Step("first"), Build.Step("second", "first"), Build.Step("end").Last()),
            new ContractScript { Answer = (path, state) => (path, state) == ("first", TaskState.Running) ? Say(Signal.Pause) : null }
        );
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => engine.EndAsync(run));

        await engine.Engine.SignalAsync(run, ContractScript.Cancel);
        var ended = await engine.EndAsync(run);

        Assert.Equal(RunStatus.Killed, ended.Status);
        Assert.Equal("end:1 first:1", world.Calls);
    }

    [Fact]
    public async Task The_tick_starts_what_was_not_started_and_tells_again_what_was_not_heard()
    {
        var run = await engine.SubmitAsync(
            Pipeline(Build.Step("ask") with { Approval = new ApprovalSpec { Deadline = TimeSpan.FromDays(1) } }),
            new ContractScript()
        );
        engine.World.Forget(run.Id);
        // The engine lost the run, and the answer was left while nobody drove it.
        await engine.Engine.SignalAsync(run, ContractScript.Yes("ask"));

        await KeeperOf(engine).TickAsync(CancellationToken.None);
        var ended = await engine.EndAsync(run);

        Assert.Equal("ask:Succeeded", ended.States);
        await KeeperOf(engine).TickAsync(CancellationToken.None);
        Assert.Equal("ask:1", world.Calls);
    }

    [Fact]
    public async Task A_run_that_the_engine_gives_up_ends_with_the_reason()
    {
        var run = await engine.SubmitAsync(Pipeline(Build.Step("a") with { Approval = new ApprovalSpec() }), new ContractScript());
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => engine.EndAsync(run));
        engine.World.Fail(run.Id, "Non-Deterministic workflow detected");

        await KeeperOf(engine).TickAsync(CancellationToken.None);

        var ended = await engine.OutcomeAsync(run);
        Assert.Equal(RunStatus.Failed, ended.Status);
        Assert.Contains("Non-Deterministic workflow detected", ended.Error!.Message);
        Assert.Empty(await engine.Engine.Runs.ListOpenAsync());
    }

    [Fact]
    public async Task A_host_of_one_machine_leaves_the_run_alone()
    {
        var run = await engine.SubmitAsync(Pipeline(Build.Step("a")), new ContractScript());
        var local = new LocalEngine(
            new LocalEngineOptions
            {
                Store = store,
                Catalog = new ComponentCatalog(),
                Services = NoServices.Instance,
                WorkRoot = Path.GetTempPath(),
            }
        );

        Assert.Null(await local.DriveAsync(await local.Runs.GetAsync(run.Id)));
        Assert.Equal("", world.Calls);
    }

    [Fact]
    public async Task A_definition_that_cannot_run_ends_the_run_with_the_reason()
    {
        var run = await engine.RunAsync(Pipeline(Build.Step("a", "b"), Build.Step("b", "a")), new ContractScript());

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("depend on one another", run.Error!.Message);
    }

    private static Signal Say(string name) => new(name, true, "boss", null, DateTimeOffset.UnixEpoch);

    private CloudKeeper KeeperOf(DurableEngineUnderTest under) =>
        new(
            _ => Task.FromResult<IReadOnlyList<string>>([store.Workspace]),
            new CloudEngines(_ => under.Engine, new DurableDriver(under.Clients)),
            new CloudPolicies(_ => Policies()),
            NullLogger.Instance,
            TimeProvider.System
        );

    /// <summary>None: the tick finds nothing due.</summary>
    private PolicyEngine Policies() =>
        new(
            new PolicyEngineOptions
            {
                Store = store,
                Policies = new PolicyStore(store, TimeProvider.System),
                Runs = engine.Engine.Runs,
                Registry = new ModelRegistry(store, TimeProvider.System),
                Catalog = new ComponentCatalog(),
                WorkRoot = Path.GetTempPath(),
            }
        );
}
