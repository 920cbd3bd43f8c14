using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Pipelines.Tests.Engine;

/// <summary>A pipeline file, an engine on a store of its own, and what became of a run.</summary>
public abstract class EngineTest(AzuriteFixture azurite) : IAsyncLifetime
{
    protected TestFolder Folder { get; } = new();

    /// <summary>For components that count their calls.</summary>
    protected string Key { get; } = Ids.NewId();

    internal Store Store { get; private set; } = null!;

    internal LocalEngine Engine { get; private set; } = null!;

    internal static ComponentCatalog Catalog { get; } = new ComponentCatalog().AddAssembly(typeof(EngineTest).Assembly);

    public async ValueTask InitializeAsync()
    {
        Store = await azurite.OpenStoreAsync();
        Engine = NewEngine();
    }

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal LocalEngine NewEngine(TimeProvider? time = null) =>
        new(
            new LocalEngineOptions
            {
                Store = Store,
                Catalog = Catalog,
                Services = NoServices.Instance,
                WorkRoot = Folder.At("work"),
                Parallelism = 8,
                User = "tester",
                Time = time ?? TimeProvider.System,
            }
        );

    internal async Task<Run> SubmitAsync(string yaml)
    {
        Folder.Write("p/dvc.yaml", yaml.Replace("{key}", Key));
        return await Engine.SubmitAsync(DvcYaml.Read(Folder.At("p"), Catalog));
    }

    internal async Task<Outcome> RunAsync(string yaml) => await DriveAsync(await SubmitAsync(yaml));

    internal async Task<Outcome> DriveAsync(Run run)
    {
        var ended = await Engine.DriveAsync(run);
        Assert.NotNull(ended);
        return await OutcomeAsync(ended);
    }

    internal async Task<Outcome> OutcomeAsync(Run run) => new(run, (await Engine.ListTasksAsync(run)).ToDictionary(t => t.Path));

    internal async Task<string> LogAsync(TaskRecord task)
    {
        await using var log = await Store.Logs.OpenAsync(task.Log!);
        return await new StreamReader(log!).ReadToEndAsync();
    }
}

internal sealed record Outcome(Run Run, IReadOnlyDictionary<string, TaskRecord> Tasks)
{
    /// <summary>`a:Succeeded b:Skipped`, by name.</summary>
    public string States => string.Join(' ', Tasks.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}:{t.Value.State}"));
}
