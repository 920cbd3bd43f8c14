using System.Text;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Benchmarks.Reliability;

/// <summary>Pipelines whose host is killed: what was recorded of them then must not run again, and all of them come to their end.</summary>
internal sealed class KilledRuns(Platform platform)
{
    private const int Stages = 8;
    private const int Newest = 60;
    private readonly Dictionary<string, HashSet<string>> recorded = [];
    private int begun;

    public int Recorded => recorded.Values.Sum(r => r.Count);

    /// <summary>Tasks that ran again although they were recorded.</summary>
    public IReadOnlyList<string> Twice { get; private set; } = [];

    public int Unended { get; private set; }

    /// <summary>Starts a pipeline of a name of its own, so that nothing of it is in the cache.</summary>
    public MlopsProcess Begin()
    {
        var name = $"p{begun++}";
        var text = new StringBuilder("stages:\n");
        for (var i = 0; i < Stages; i++)
        {
            text.Append($"  s{i}: {{cmd: 'echo {name}/s{i} >> $TRACE; echo {i} > {i}.txt; sleep 0.1', outs: [{i}.txt]");
            text.Append(i == 0 ? "}\n" : $", deps: [{i - 1}.txt]}}\n");
        }

        platform.Folder.Write($"{name}/dvc.yaml", text.ToString());
        return platform.Start("run", name);
    }

    /// <summary>What the store has of all runs that have not ended: after a kill, and before anybody goes on with them.</summary>
    public async Task RememberAsync()
    {
        var store = await OpenAsync();
        var newest = await new RunStore(store, TimeProvider.System).ListAsync(Newest);
        foreach (var run in newest.Where(r => r.Pipeline is not null))
        {
            await foreach (
                var row in store.Runs.QueryAsync(new RunKeys(store.Workspace).Experiment(run.ExperimentId), RunKeys.Tasks(run.Id))
            )
            {
                if (row.Read<TaskRecord>() is { State: TaskState.Succeeded } task)
                {
                    (recorded.TryGetValue(run.Id, out var there) ? there : recorded[run.Id] = []).Add(task.Path);
                }
            }
        }
    }

    /// <summary>Waits for the end of all runs, and counts what ran twice.</summary>
    public async Task EndAsync()
    {
        var store = new RunStore(await OpenAsync(), TimeProvider.System);
        var pipelines = new Dictionary<string, string>();
        foreach (var id in recorded.Keys)
        {
            Run? run = null;
            try
            {
                await Eventually.HoldsAsync(async () => (run = await store.FindAsync(id)) is { IsEnded: true }, () => id);
            }
            catch (TimeoutException)
            {
                Unended++;
            }

            pipelines[id] = run!.Name;
        }

        var trace = File.ReadAllLines(platform.Folder.At("trace.txt")).CountBy(l => l).ToDictionary();
        Twice =
        [
            .. recorded
                .SelectMany(r => r.Value.Select(task => $"{pipelines[r.Key]}/{task}"))
                .Where(task => trace.GetValueOrDefault(task) > 1)
                .Select(task => $"{task} ran {trace[task]} times"),
        ];
    }

    private Task<Store> OpenAsync() =>
        Store.OpenAsync(new StorageOptions { ConnectionString = platform.ConnectionString, Workspace = "default" });
}
