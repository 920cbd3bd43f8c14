using System.Globalization;
using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Pipelines.Execution;

/// <summary>Derives a task's run from the task's record.</summary>
internal static class TaskRunEdits
{
    private const int LongestParam = 6000;

    /// <summary>Returns the run after that record; unchanged if the run is already as far.</summary>
    public static (Run Run, IReadOnlyList<MetricEntry> Points) Apply(Run? there, Run parent, TaskRecord record, bool withData)
    {
        var task = TaskOf(parent.Id, record);
        if (there?.Task is { } known && (known.Progress.CompareTo(task.Progress) > 0 || known == task))
        {
            return (there, []);
        }

        var id = TaskRuns.IdOf(parent.Id, record.Path);
        var run =
            there
            ?? new Run
            {
                Id = id,
                ExperimentId = parent.ExperimentId,
                Name = record.Path,
                User = parent.User,
                ArtifactUri = parent.ArtifactUri?.Replace(parent.Id, id, StringComparison.Ordinal),
            };
        run = run with
        {
            Task = task,
            Status = StatusOf(record.State),
            StartTime = record.StartedAt ?? record.EndedAt ?? parent.StartTime,
            EndTime = record.EndedAt,
            Error = record.Result.Error,
        };
        run = run.WithTags(TagsOf(parent, record));
        if (!withData)
        {
            return (run, []);
        }

        var parameters = new Dictionary<string, string>(run.Params);
        foreach (var (name, value) in record.Parameters)
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            parameters[name] = CodePoints.Cut(text, LongestParam);
        }

        var time = (record.EndedAt ?? run.StartTime).ToUnixTimeMilliseconds();
        return (run with { Params = parameters }).WithMetrics([
            .. record.Result.Metrics.Select(m => new MetricEntry(m.Key, m.Value, time, 0)),
        ]);
    }

    public static TaskRun TaskOf(string runId, TaskRecord record) =>
        new()
        {
            RunId = runId,
            Path = record.Path,
            Generation = record.Generation,
            Attempt = record.Attempt,
            State = record.State.ToString(),
            Phase = record.State switch
            {
                TaskState.Pending or TaskState.WaitingForApproval => 0,
                TaskState.Running => 1,
                _ => 2,
            },
        };

    /// <summary>MLflow has no skipped status: there was nothing to do, so the run is finished and a tag says the rest.</summary>
    private static RunStatus StatusOf(TaskState state) =>
        state switch
        {
            TaskState.Pending or TaskState.WaitingForApproval => RunStatus.Scheduled,
            TaskState.Running => RunStatus.Running,
            TaskState.Failed => RunStatus.Failed,
            TaskState.Canceled => RunStatus.Killed,
            _ => RunStatus.Finished,
        };

    private static List<KeyValuePair<string, string>> TagsOf(Run parent, TaskRecord record)
    {
        List<KeyValuePair<string, string>> tags =
        [
            new(RunEdits.NameTag, record.Path),
            new("mlflow.parentRunId", parent.Id),
            new("mlflow.user", parent.User ?? ""),
            new("mlflow.source.name", parent.Pipeline?.Pipeline ?? parent.Name),
            new("mlflow.source.type", "JOB"),
            new("serverless.task.state", record.State.ToString()),
            new("serverless.task.attempt", record.Attempt.ToString(CultureInfo.InvariantCulture)),
            new("serverless.task.cacheHit", record.Result.IsCacheHit ? "true" : "false"),
        ];
        if ((record.Result.Error?.Message ?? record.Result.Reason) is { } why)
        {
            tags.Add(new("serverless.task.reason", why.Length > LongestParam ? why[..LongestParam] : why));
        }

        return tags;
    }
}
