using System.Diagnostics;
using System.Text.Json;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Benchmarks;

/// <summary>What the engine costs around tasks that do nothing.</summary>
internal sealed class EngineBenchmark(Store store, string workRoot)
{
    private readonly LocalEngine engine = new(
        new LocalEngineOptions
        {
            Store = store,
            Catalog = new ComponentCatalog().Add(typeof(NoopComponent)).Add(typeof(WaitComponent)),
            Services = new NoServices(),
            WorkRoot = workRoot,
            Parallelism = 500,
        }
    );

    /// <summary>100 tasks one after the other: milliseconds from the end of one to the end of the next.</summary>
    public async Task<(double P50, double P95)> ChainAsync(string name)
    {
        var tasks = Enumerable.Range(0, 100).Select(i => Noop($"t{i:D3}", i, i == 0 ? null : $"t{i - 1:D3}")).ToList();
        var ends = new List<long>();
        await RunAsync(
            name,
            tasks,
            e =>
            {
                if (e.Task.State == TaskState.Succeeded)
                {
                    lock (ends)
                    {
                        ends.Add(Stopwatch.GetTimestamp());
                    }
                }
            }
        );
        var gaps = ends.Zip(ends.Skip(1)).Select(g => Stopwatch.GetElapsedTime(g.First, g.Second).TotalMilliseconds).Order().ToList();
        return (gaps[gaps.Count / 2], gaps[gaps.Count * 95 / 100]);
    }

    /// <summary>Tasks that depend on nothing: seconds for the whole run.</summary>
    public async Task<double> WideAsync(string name, int count, string component = "bench/noop")
    {
        var started = Stopwatch.GetTimestamp();
        await RunAsync(name, [.. Enumerable.Range(0, count).Select(i => Noop($"t{i:D3}", i, null, component))], null);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The chain again: seconds, and how many of its tasks were cache hits.</summary>
    public async Task<(double Seconds, int Hits)> AgainAsync(string name)
    {
        var hits = 0;
        var started = Stopwatch.GetTimestamp();
        await RunAsync(
            name,
            [.. Enumerable.Range(0, 100).Select(i => Noop($"t{i:D3}", i, i == 0 ? null : $"t{i - 1:D3}"))],
            e =>
            {
                if (e.Task.Result.IsCacheHit)
                {
                    Interlocked.Increment(ref hits);
                }
            }
        );
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, hits);
    }

    private static TaskSpec Noop(string name, int number, string? after, string component = "bench/noop")
    {
        var parameters = new Dictionary<string, ParameterBinding>
        {
            ["number"] = new ParameterBinding.Constant(JsonSerializer.SerializeToElement(number)),
        };
        if (after is not null)
        {
            parameters["after"] = new ParameterBinding.TaskOutput(after, "path");
        }

        return new TaskSpec
        {
            Name = name,
            Component = new ComponentSpec.InProcess(component),
            Parameters = parameters,
        };
    }

    private async Task RunAsync(string name, IReadOnlyList<TaskSpec> tasks, Action<RunEvent>? observe)
    {
        var spec = new PipelineSpec
        {
            Name = name,
            Graph = new GraphSpec { Tasks = tasks },
        };
        var run = await engine.SubmitAsync(new PipelineDocument(spec, ".", []));
        var ended = await engine.DriveAsync(run, observe);
        if (ended?.Status != RunStatus.Finished)
        {
            throw new InvalidOperationException($"The run ended {ended?.Status}: {ended?.Error?.Message}");
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
