using System.Globalization;
using System.Text.Json;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Display;

/// <summary>Formats states and numbers for people.</summary>
internal static class RunText
{
    public static string Time(TimeSpan? time) =>
        time switch
        {
            null => "",
            { TotalSeconds: < 10 } t => t.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s",
            { TotalSeconds: < 60 } t => t.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
            { TotalHours: < 1 } t => t.ToString(@"m\:ss", CultureInfo.InvariantCulture) + " min",
            { } t => t.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) + " h",
        };

    public static string Plain(RunStatus status) => status.ToString().ToUpperInvariant();

    public static string Status(RunStatus status) =>
        status switch
        {
            RunStatus.Finished => "[green]FINISHED[/]",
            RunStatus.Failed => "[red]FAILED[/]",
            RunStatus.Killed => "[yellow]KILLED[/]",
            RunStatus.Running => "[blue]RUNNING[/]",
            _ => Plain(status),
        };

    public static string State(TaskRecord task) =>
        task.State switch
        {
            TaskState.Succeeded when task.Result.IsCacheHit => "[green]cache hit[/]",
            TaskState.Succeeded => "[green]succeeded[/]",
            TaskState.Failed => "[red]failed[/]",
            TaskState.Running => "[blue]running[/]",
            TaskState.WaitingForApproval => "[yellow]waiting for approval[/]",
            TaskState.Pending => "[grey]pending[/]",
            _ => $"[yellow]{Words(task.State.ToString())}[/]",
        };

    public static string Words(string name) =>
        name switch
        {
            nameof(TaskState.WaitingForApproval) => "waiting for approval",
            _ => name.ToLowerInvariant(),
        };

    public static TimeSpan? TimeOf(TaskRecord task, DateTimeOffset? now = null) =>
        task switch
        {
            { StartedAt: { } from, EndedAt: { } to } => to - from,
            { StartedAt: { } from, State: TaskState.Running } when now is not null => now - from,
            _ => null,
        };

    public static string Value(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
            JsonValueKind.Number => Number(value.GetDouble()),
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null => "",
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            _ => value.GetRawText(),
        };

    public static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : value.ToString(Math.Abs(value) is < 0.001 and > 0 ? "0.0e0" : "0.0000", CultureInfo.InvariantCulture);
}
