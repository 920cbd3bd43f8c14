using Microsoft.Extensions.Time.Testing;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Serving.Logging;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Storage.Inbox;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;
using Serverless.Training;
using Serverless.Training.Promotion;

namespace Serverless.Automation.Tests;

/// <summary>A host that looks after policies: its own clock, its own memory, the store that it shares with others.</summary>
internal sealed class Host
{
    public const string Model = "m";
    private readonly string work;

    public Host(Store store, FakeTimeProvider time, string work, Action<string>? reached = null, IPerformanceSource? performance = null)
    {
        (Store, Time, this.work) = (store, time, work);
        Policies = new PolicyStore(store, time);
        Runs = new RunStore(store, time);
        Registry = new ModelRegistry(store, time);
        Datasets = new DatasetStore(store);
        Rollouts = new RolloutController(Registry, store, time) { Losses = new LoggedLosses(new PredictionLog(store)) };
        Engine = new PolicyEngine(
            new PolicyEngineOptions
            {
                Store = store,
                Policies = Policies,
                Runs = Runs,
                Registry = Registry,
                Catalog = Catalog,
                WorkRoot = work,
                Time = time,
                Performance = performance ?? new LoggedPerformance(store, Runs, Rollouts.Rollouts, time),
                Rollouts = Rollouts,
                Reached = reached ?? (_ => { }),
            }
        );
        Inbox = new InboxHandler(Engine);
    }

    public static ComponentCatalog Catalog { get; } = new ComponentCatalog().AddTraining();

    public Store Store { get; }

    public FakeTimeProvider Time { get; }

    public PolicyStore Policies { get; }

    public RunStore Runs { get; }

    public ModelRegistry Registry { get; }

    public DatasetStore Datasets { get; }

    public RolloutController Rollouts { get; }

    public PolicyEngine Engine { get; }

    public InboxHandler Inbox { get; }

    public async Task<PolicyRevision> ApplyAsync(string folder) =>
        (await new PolicyDesk(Policies, Store.Content, Catalog).ApplyAsync(folder, "tester")).Revision;

    public async Task<InboxBlob> DropAsync(string file, string text)
    {
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        return await Store.Inbox.UploadAsync("d", file, body);
    }

    public async Task<UploadRecord> TakeAsync(string file, string text) => (await Inbox.HandleAsync(await DropAsync(file, text)))!;

    public Task<IReadOnlyList<Run>> ListRunsAsync() => Runs.ListAsync(100);

    public Task<IReadOnlyList<Decision>> DecisionsAsync() => Policies.ListDecisionsAsync(Model, 100);

    /// <summary>Drives every open run to its end.</summary>
    public async Task DriveAsync()
    {
        var engine = new LocalEngine(
            new LocalEngineOptions
            {
                Store = Store,
                Runs = Runs,
                Catalog = Catalog,
                Services = new Services(Registry, Rollouts),
                WorkRoot = work,
            }
        );
        foreach (var run in await Runs.ListOpenAsync())
        {
            await engine.DriveAsync(run);
        }
    }

    private sealed class Services(ModelRegistry registry, RolloutController rollouts) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelRegistry) ? registry
            : serviceType == typeof(IRolloutStarter) ? rollouts
            : null;
    }
}
