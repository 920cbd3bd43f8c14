using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Engine;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>The engine of one machine, on a store of its own.</summary>
internal sealed class LocalEngineUnderTest(Store store) : IEngineUnderTest
{
    private readonly TestFolder folder = new();

    public async Task<ContractRun> RunAsync(PipelineSpec pipeline, ContractScript script)
    {
        var engine = NewEngine();
        var sources = script.Sources.Select(s => new SourceFile(s.Key, folder.Write("p/" + s.Key, s.Value), false)).ToList();
        var run = await engine.SubmitAsync(new PipelineDocument(pipeline, folder.At("p"), sources), script.Parallelism);
        var answered = new HashSet<(string, TaskState)>();
        var answers = new List<Task>();
        var ended = await engine.DriveAsync(
            run,
            e =>
            {
                lock (answered)
                {
                    if (answered.Add((e.Task.Path, e.Task.State)) && script.Answer(e.Task.Path, e.Task.State) is { } signal)
                    {
                        answers.Add(Task.Run(() => engine.SignalAsync(run, signal)));
                    }
                }
            }
        );
        await Task.WhenAll(answers);
        var tasks = await engine.ListTasksAsync(ended!);
        return new ContractRun(ended!.Status, ended.Error, tasks.ToDictionary(t => t.Path, t => t.Result));
    }

    public LocalEngine NewEngine(TimeProvider? time = null) =>
        new(
            new LocalEngineOptions
            {
                Store = store,
                Catalog = EngineTest.Catalog,
                Services = NoServices.Instance,
                WorkRoot = folder.At("work"),
                User = "tester",
                Time = time ?? TimeProvider.System,
            }
        );

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
