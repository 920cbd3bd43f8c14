using Serverless.Functions.Durable;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Functions.Tests.Durable;

/// <summary>The functions as they are, on the engine in small and on a store of their own.</summary>
internal sealed class DurableEngineUnderTest : IEngineUnderTest
{
    private static readonly ComponentCatalog Catalog = new ComponentCatalog().AddAssembly(typeof(Step).Assembly);
    private readonly TestFolder folder = new();
    private readonly Dictionary<(string, TaskState), bool> answered = [];
    private ContractScript script = new();

    public DurableEngineUnderTest(Store store, Func<string, int>? deliveries = null, Serverless.Pipelines.Jobs.ContainerJobs? jobs = null)
    {
        var runs = new RunStore(store, TimeProvider.System);
        var tasks = new DurableTasks(
            new DurableTasksOptions
            {
                Workspaces = _ => new DurableWorkspace(store, runs, NoServices.Instance),
                Catalog = Catalog,
                WorkRoot = folder.At("work"),
                CancelInterval = TimeSpan.FromMilliseconds(20),
                Observe = (run, task) => Observe(run, task),
            },
            jobs
        );
        World = new DurableWorld(type => Activator.CreateInstance(type, tasks)!) { Deliveries = deliveries };
        Clients.Use(World);
        Engine = new LocalEngine(
            new LocalEngineOptions
            {
                Store = store,
                Runs = runs,
                Catalog = Catalog,
                Services = NoServices.Instance,
                WorkRoot = folder.At("work"),
                User = "tester",
                Driver = new DurableDriver(Clients),
            }
        );
    }

    public DurableClientHolder Clients { get; } = new();

    public DurableWorld World { get; }

    public LocalEngine Engine { get; }

    public async Task<ContractRun> RunAsync(PipelineSpec pipeline, ContractScript script)
    {
        var run = await SubmitAsync(pipeline, script);
        return await EndAsync(run);
    }

    public Task<Run> SubmitAsync(PipelineSpec pipeline, ContractScript script)
    {
        this.script = script;
        var sources = script.Sources.Select(s => new SourceFile(s.Key, folder.Write("p/" + s.Key, s.Value), false)).ToList();
        Directory.CreateDirectory(folder.At("p"));
        return Engine.SubmitAsync(new PipelineDocument(pipeline, folder.At("p"), sources), script.Parallelism);
    }

    public async Task<ContractRun> EndAsync(Run run)
    {
        var instance = await World.EndAsync(run.Id);
        Assert.Null(instance.Failure);
        return await OutcomeAsync(run);
    }

    public async Task<ContractRun> OutcomeAsync(Run run)
    {
        var ended = await Engine.Runs.GetAsync(run.Id);
        var tasks = await Engine.ListTasksAsync(ended);
        return new ContractRun(ended.Status, ended.Error, tasks.ToDictionary(t => t.Path, t => t.Result));
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Observe(string runId, TaskRecord task)
    {
        Signal? signal;
        lock (answered)
        {
            signal = answered.TryAdd((task.Path, task.State), true) ? script.Answer(task.Path, task.State) : null;
        }

        if (signal is not null)
        {
            // The activity that reports this state ends only then: whatever follows from its end comes after the signal.
            Task.Run(async () => await Engine.SignalAsync(await Engine.Runs.GetAsync(runId), signal)).GetAwaiter().GetResult();
        }
    }
}
