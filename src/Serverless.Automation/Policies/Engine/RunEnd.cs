using System.Globalization;
using System.Text.Json;
using Serverless.Automation.Policies.Records;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Describes in a sentence how a policy's run ended.</summary>
internal sealed record RunEnd(RunUpshot Upshot, string Text)
{
    /// <summary>The version that it registered.</summary>
    public int? Version { get; init; }

    /// <summary>True if it completed: its training data is no longer new.</summary>
    public bool HasLearned => Upshot is RunUpshot.Finished or RunUpshot.Passed or RunUpshot.Lost;

    public static async Task<RunEnd> OfAsync(RunStore runs, Run run, CancellationToken cancellationToken)
    {
        if (run.Status == RunStatus.Killed)
        {
            return new RunEnd(RunUpshot.Canceled, "The run was cancelled.");
        }

        var tasks = await TaskRecords.ListAsync(runs, run, cancellationToken);
        if (run.Status != RunStatus.Finished)
        {
            var failed = tasks.FirstOrDefault(t => t.State == TaskState.Failed);
            var error = failed?.Result.Error ?? run.Error;
            return new RunEnd(
                RunUpshot.Failed,
                $"The run failed{(failed is null ? "" : $" in {failed.Path}")}: {error?.Message ?? "no reason was recorded"}"
            );
        }

        var verdict = tasks.FirstOrDefault(t => t.Result.Values.ContainsKey("promote") && t.Result.Values.ContainsKey("reason"));
        var version = tasks.Select(t => Whole(t, "version")).LastOrDefault(v => v is not null);
        var reason = verdict is null ? "" : ": " + verdict.Result.Values["reason"].GetString();
        if (verdict is not null && verdict.Result.Values["promote"].ValueKind != JsonValueKind.True)
        {
            return new RunEnd(RunUpshot.Lost, "The challenger lost and is not promoted" + reason);
        }

        return version is { } number
            ? new RunEnd(RunUpshot.Passed, string.Create(CultureInfo.InvariantCulture, $"Version {number} passed{reason}"))
            {
                Version = number,
            }
            : new RunEnd(RunUpshot.Finished, "The run finished" + reason);
    }

    private static int? Whole(TaskRecord task, string name) =>
        task.Result.Values.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;
}
