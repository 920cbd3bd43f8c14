using Microsoft.Extensions.Time.Testing;
using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Training.Promotion;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Serving.Tests;

/// <summary>A host as far as rollouts are concerned: router, monitor and controller over a registry of its own.</summary>
public sealed class RolloutHostBench
{
    public RolloutHostBench(Store store, TimeProvider time, Func<string> newId)
    {
        Registry = new ModelRegistry(store, time);
        Controller = new RolloutController(Registry, store, time) { NewId = newId };
        Router = new RolloutRouter();
        Monitor = new RolloutMonitor(Controller, Router, time);
    }

    public ModelRegistry Registry { get; }

    public RolloutController Controller { get; }

    public RolloutRouter Router { get; }

    public RolloutMonitor Monitor { get; }
}

/// <summary>How a version answers in a test.</summary>
public sealed record Answers(double ErrorRate = 0, double Milliseconds = 2, double RejectionRate = 0)
{
    public static readonly Answers Fine = new();
}

/// <summary>A model with two versions, the first in Production, and a clock that the test turns.</summary>
public sealed class Bench
{
    public const string Model = "churn";
    private readonly StableRandom random = new(1);
    private int requests;
    private int rollouts;

    private Bench(Store store)
    {
        Store = store;
        One = new RolloutHostBench(store, Time, NewRolloutId);
    }

    public static readonly Actor Alice = new("alice");

    /// <summary>Three steps of ten minutes.</summary>
    public static readonly RolloutPlan Plan = new();

    public Store Store { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public RolloutHostBench One { get; }

    public RolloutController Controller => One.Controller;

    public ModelRegistry Registry => One.Registry;

    public static async Task<Bench> OpenAsync(AzuriteFixture azurite, bool hasChampion = true)
    {
        var bench = new Bench(await azurite.OpenStoreAsync());
        await bench.Registry.Models.CreateAsync(Model, null, new Dictionary<string, string>(), Alice);
        for (var i = 1; i <= 2; i++)
        {
            await bench.Registry.Versions.CreateAsync(new CreateVersionRequest { Name = Model, Source = $"s3://models/{i}" }, Alice);
        }

        if (hasChampion)
        {
            await bench.PromoteAsync(1);
        }

        return bench;
    }

    public RolloutHostBench AnotherHost() => new(Store, Time, NewRolloutId);

    public Task PromoteAsync(int version) =>
        Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = Model,
                Version = version,
                Stage = Stage.Production,
                ArchiveExisting = true,
                By = "alice",
            }
        );

    public Task<Rollout> StartAsync(RolloutPlan? plan = null, params IReadOnlyList<AlertTarget> alerts) =>
        Controller.StartAsync(
            new RolloutRequest
            {
                Model = Model,
                Version = 2,
                Plan = plan ?? Plan,
                Alerts = alerts,
                By = Alice,
                Why = "it is better",
            }
        );

    /// <summary>So many requests come to a host, each of another caller unless keys are given.</summary>
    /// <returns>The version that answered each.</returns>
    public async Task<List<int>> ServeAsync(
        int count,
        Answers? challenger = null,
        RolloutHostBench? host = null,
        Func<int, string>? keyOf = null,
        Func<int, bool>? isSeen = null
    )
    {
        host ??= One;
        var answered = new List<int>();
        for (var i = 0; i < count; i++)
        {
            var id = $"r{Interlocked.Increment(ref requests)}";
            var key = keyOf?.Invoke(i) ?? id;
            var state = host.Registry.Models.Known(Model) ?? (await host.Registry.Models.FindAsync(Model))!;
            var choice = await host.Router.ChooseAsync(state, key, default);
            answered.Add(choice.Version);
            if (isSeen?.Invoke(choice.Version) ?? true)
            {
                host.Monitor.Observe(Outcome(state, choice, id, key, choice.Version == 2 ? challenger ?? Answers.Fine : Answers.Fine));
            }
        }

        return answered;
    }

    public Task<Rollout> LookAsync(RolloutHostBench? host = null) => LookAsync(TimeSpan.Zero, host);

    /// <summary>The host writes what it counted, time passes, and it looks.</summary>
    public async Task<Rollout> LookAsync(TimeSpan after, RolloutHostBench? host = null)
    {
        host ??= One;
        await host.Monitor.FlushAsync();
        Time.Advance(after);
        return (await host.Controller.LookAsync(Time.GetUtcNow())).SingleOrDefault()
            ?? await host.Controller.Rollouts.GetLatestAsync(Model);
    }

    public async Task<Stage> StageOfAsync(int version) => (await Registry.FindVersionAsync(Model, version))!.Stage;

    public async Task<List<AuditEntry>> HistoryAsync(string action) =>
        [.. (await Registry.ListAuditAsync(Model)).Where(e => e.Action == action).Reverse()];

    /// <summary>
    /// Nothing is drawn anew with every run of a test: who comes to which version, and how it answers, is the same each time.
    /// </summary>
    private string NewRolloutId() => $"rollout-{Interlocked.Increment(ref rollouts)}";

    private ServingOutcome Outcome(ModelState state, VersionChoice choice, string id, string key, Answers answers)
    {
        var drawn = random.NextDouble();
        var result =
            drawn < answers.ErrorRate ? ServingResult.Failed
            : drawn < answers.ErrorRate + answers.RejectionRate ? ServingResult.Rejected
            : ServingResult.Succeeded;
        var latency = TimeSpan.FromMilliseconds(answers.Milliseconds * Math.Exp(random.NextDouble() - 0.5));
        return new ServingOutcome(
            Model,
            state.Model.Id,
            choice.Version,
            choice,
            id,
            key,
            Time.GetUtcNow(),
            result,
            result == ServingResult.Failed ? ErrorCodes.InternalError : null,
            latency,
            1,
            result == ServingResult.Succeeded ? [0.5] : []
        );
    }
}
