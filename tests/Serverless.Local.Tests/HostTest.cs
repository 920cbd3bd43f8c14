using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Local.Tests;

/// <summary>A folder, a workspace of the store, and processes of the built host that work on it.</summary>
public abstract class HostTest(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly List<MlopsProcess> processes = [];

    protected TestFolder Folder { get; } = new();

    protected string Workspace { get; } = "t" + Ids.NewId()[..12];

    /// <summary>What the processes are given; null takes a variable away.</summary>
    internal Dictionary<string, string?> Settings { get; } = [];

    /// <summary>Where the commands of a pipeline write that they ran: outside of any workspace.</summary>
    protected string TraceFile => Folder.At("trace.txt");

    public virtual ValueTask InitializeAsync()
    {
        Settings["AzureWebJobsStorage"] = azurite.ConnectionString;
        Settings["MLOPS_WORKSPACE"] = Workspace;
        Settings["TRACE"] = TraceFile;
        Settings["GATE"] = Folder.At("gate");
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        OpenGate();
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }

        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    internal MlopsProcess Start(params IReadOnlyList<string> arguments) => Keep(MlopsProcess.Start(Folder.Root, Settings, arguments));

    /// <summary>Through a shell: `$MLOPS` is the host's command line.</summary>
    internal MlopsProcess StartShell(string script)
    {
        var settings = new Dictionary<string, string?>(Settings) { ["MLOPS"] = $"{MlopsProcess.Dotnet} {MlopsProcess.Assembly}" };
        return Keep(MlopsProcess.StartProgram("/bin/sh", Folder.Root, settings, "-c", script));
    }

    internal Task<Ended> RunAsync(params IReadOnlyList<string> arguments) => Start(arguments).WaitAsync();

    /// <summary>Lets the stage go on that waits for it.</summary>
    internal void OpenGate() => File.WriteAllText(Folder.At("gate"), "");

    /// <summary>How often a command of the pipeline ran.</summary>
    internal int Ran(string name) => Trace().Count(line => line == name);

    internal IReadOnlyList<string> Trace()
    {
        try
        {
            return File.Exists(TraceFile) ? File.ReadAllLines(TraceFile) : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    internal Task RanAsync(string name) =>
        Eventually.HoldsAsync(() => Ran(name) > 0, () => $"'{name}' in the trace: {string.Join(' ', Trace())}");

    internal Task<Store> OpenStoreAsync() =>
        Store.OpenAsync(new StorageOptions { ConnectionString = Settings["AzureWebJobsStorage"]!, Workspace = Workspace });

    /// <summary>The only run of the workspace, once it has ended.</summary>
    internal async Task<Run> EndOfRunAsync()
    {
        var runs = new RunStore(await OpenStoreAsync(), TimeProvider.System);
        await Eventually.HoldsAsync(
            async () => await runs.ListAsync(2) is [{ IsEnded: true }],
            () => "the end of the run\n" + string.Join('\n', processes.Select(p => p.Output + p.Error))
        );
        return Assert.Single(await runs.ListAsync(2));
    }

    internal async Task<IReadOnlyDictionary<string, TaskRecord>> TasksAsync(Run run)
    {
        var store = await OpenStoreAsync();
        var tasks = new Dictionary<string, TaskRecord>();
        await foreach (var row in store.Runs.QueryAsync(new RunKeys(store.Workspace).Experiment(run.ExperimentId), RunKeys.Tasks(run.Id)))
        {
            var record = row.Read<TaskRecord>();
            tasks[record.Path] = record;
        }

        return tasks;
    }

    /// <summary>The last object of `--json`: the run with its tasks.</summary>
    internal static (Run Run, IReadOnlyList<TaskRecord> Tasks) Parse(string output)
    {
        var last = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal("run", last.GetProperty("event").GetString());
        return (
            last.GetProperty("run").Deserialize<Run>(StorageJson.Options)!,
            last.GetProperty("tasks").Deserialize<List<TaskRecord>>(StorageJson.Options)!
        );
    }

    /// <summary>`a:Succeeded b:Skipped`, by name.</summary>
    internal static string States(IEnumerable<TaskRecord> tasks) =>
        string.Join(' ', tasks.OrderBy(t => t.Path, StringComparer.Ordinal).Select(t => $"{t.Path}:{t.State}"));

    private MlopsProcess Keep(MlopsProcess process)
    {
        processes.Add(process);
        return process;
    }
}
