using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>An engine that the contract is held against. Another engine joins by implementing this and deriving the suites.</summary>
internal interface IEngineUnderTest : IAsyncDisposable
{
    Task<ContractRun> RunAsync(PipelineSpec pipeline, ContractScript script);
}

/// <summary>What happens around a run.</summary>
internal sealed record ContractScript
{
    public int Parallelism { get; init; } = 8;

    /// <summary>Files of the workspace, by path.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>What somebody tells the run when a task reaches a state. Each path and state is asked about once.</summary>
    public Func<string, TaskState, Signal?> Answer { get; init; } = (_, _) => null;

    public static Signal Yes(string path) => new(Signal.Approval(path), true, "boss", null, DateTimeOffset.UnixEpoch);

    public static Signal No(string path) => new(Signal.Approval(path), false, "boss", "too early", DateTimeOffset.UnixEpoch);

    public static Signal Cancel { get; } = new(Signal.Cancel, true, "boss", "wrong data", DateTimeOffset.UnixEpoch);
}

/// <summary>How a run ended.</summary>
internal sealed record ContractRun(RunStatus Status, RunError? Error, IReadOnlyDictionary<string, TaskResult> Tasks)
{
    /// <summary>`a:Succeeded b:Skipped`, by name.</summary>
    public string States => Sorted(Tasks.Select(t => $"{t.Key}:{t.Value.State}"));

    public static string Sorted(IEnumerable<string> words) => string.Join(' ', words.Order(StringComparer.Ordinal));

    /// <summary>A value that a task gave out, as JSON text.</summary>
    public string Value(string path, string name = "value") => Tasks[path].Values[name].GetRawText();
}
