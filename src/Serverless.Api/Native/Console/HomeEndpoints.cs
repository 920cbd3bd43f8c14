using Serverless.Api.Hosting;
using Serverless.Automation.Maturity;
using Serverless.Automation.Policies.Document;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Serving.Invocations;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Native.Console;

/// <summary>What somebody wants to know first: what runs, what failed, what waits for a person, what serves, what comes next.</summary>
internal static class HomeEndpoints
{
    private const int Looked = 60;
    private const int Shown = 12;
    private static readonly TimeSpan Recent = TimeSpan.FromDays(7);

    public static void Map(Action<string, string, Func<ConsoleCall, Task<object?>>> on)
    {
        on("GET", "home", HomeAsync);
        on("GET", "maturity", MaturityAsync);
    }

    private static async Task<object?> HomeAsync(ConsoleCall call)
    {
        var (workspace, stopped) = (call.Workspace, call.Stopped);
        var now = workspace.Time.GetUtcNow();
        var open = workspace.Runs.ListOpenAsync(stopped);
        var newest = workspace.Runs.ListAsync(Looked, stopped);
        var models = ModelsAsync(workspace, stopped);
        var schedule = ScheduleAsync(workspace, now, stopped);
        var running = await open;
        var ended = (await newest).Where(r => r.IsEnded && !r.IsDeleted && r.Task is null).ToList();
        var approvals = await Task.WhenAll(running.Where(r => r.Pipeline is not null).Select(r => ApprovalsAsync(workspace, r, stopped)));
        return new
        {
            running = await Task.WhenAll(
                running.OrderByDescending(r => r.StartMilliseconds).Take(Shown).Select(r => ProgressAsync(workspace, r, stopped))
            ),
            failed = ended
                .Where(r => r.Status == RunStatus.Failed && now - (r.EndTime ?? r.StartTime) < Recent)
                .Take(Shown)
                .Select(RunPart.Of),
            ended = ended.Take(Shown).Select(RunPart.Of),
            approvals = approvals.SelectMany(a => a),
            models = await models,
            schedule = await schedule,
        };
    }

    private static async Task<object> ProgressAsync(WorkspaceServices workspace, Run run, CancellationToken stopped)
    {
        var tasks = await TaskRecords.ListAsync(workspace.Runs, run, stopped);
        var total = run.Pipeline is null
            ? 0
            : (await RunDefinitions.ReadAsync(workspace.Store.Content, run, stopped)).Pipeline.Graph.Tasks.Count;
        return new
        {
            run = RunPart.Of(run),
            total = Math.Max(total, tasks.Count),
            done = tasks.Count(t => t.EndedAt is not null),
            now = tasks.Where(t => t.State is TaskState.Running or TaskState.WaitingForApproval).Select(t => t.Path).Take(4),
        };
    }

    private static async Task<IEnumerable<object>> ApprovalsAsync(WorkspaceServices workspace, Run run, CancellationToken stopped)
    {
        var waiting = (await TaskRecords.ListAsync(workspace.Runs, run, stopped))
            .Where(t => t.State == TaskState.WaitingForApproval)
            .ToList();
        if (waiting.Count == 0)
        {
            return [];
        }

        var graph = (await RunDefinitions.ReadAsync(workspace.Store.Content, run, stopped)).Pipeline.Graph;
        return waiting.Select(task => new
        {
            run = RunPart.Of(run),
            task = task.Path,
            graph.FindTask(task.Path)?.Approval?.Message,
            graph.FindTask(task.Path)?.Approval?.Role,
        });
    }

    private static async Task<IReadOnlyList<object>> ModelsAsync(WorkspaceServices workspace, CancellationToken stopped)
    {
        var rollouts = (await workspace.Rollouts.Rollouts.ListOpenAsync(stopped)).ToDictionary(r => r.Model, StringComparer.Ordinal);
        var found = new List<object>();
        foreach (var model in await workspace.Models.ListAsync(stopped))
        {
            var production = await workspace.Models.GetLatestAsync(model.Name, Stage.Production, stopped);
            var rollout = rollouts.GetValueOrDefault(model.Name);
            if (production is not null || rollout is not null)
            {
                var stats = production is null
                    ? null
                    : workspace.Serving.Stats.Of(model.Id).FirstOrDefault(s => s.Version == production.Version);
                found.Add(
                    new
                    {
                        model.Name,
                        version = production?.Version,
                        run_id = production?.RunId,
                        stats,
                        rollout = rollout is null ? null : Open(rollout),
                    }
                );
            }
        }

        return found;
    }

    private static object Open(Rollout rollout) =>
        new
        {
            rollout.State,
            rollout.Challenger,
            rollout.Step,
            steps = rollout.Plan.Steps.Count,
            rollout.Traffic,
            role = rollout.Approval?.Role,
            rollout.Why,
            waits_for_approval = rollout.State == RolloutState.WaitingForApproval,
        };

    private static async Task<IReadOnlyList<object>> ScheduleAsync(
        WorkspaceServices workspace,
        DateTimeOffset now,
        CancellationToken stopped
    )
    {
        var due = new List<(DateTimeOffset At, string Model, string Trigger, bool IsPaused)>();
        foreach (var state in await workspace.Policies.ListAsync(stopped))
        {
            var revision = await workspace.Policies.GetRevisionAsync(state.Model, state.Revision, stopped);
            foreach (var trigger in PolicyReader.Read(revision.Text, revision.File).Triggers.OfType<ScheduleTrigger>())
            {
                if (trigger.After(now) is { } at)
                {
                    due.Add((at, state.Model, trigger.Name, state.Paused is not null));
                }
            }
        }

        return
        [
            .. due.OrderBy(d => d.At)
                .Take(Shown)
                .Select(d => new
                {
                    at = d.At.ToUnixTimeMilliseconds(),
                    d.Model,
                    d.Trigger,
                    is_paused = d.IsPaused,
                }),
        ];
    }

    private static async Task<object?> MaturityAsync(ConsoleCall call)
    {
        var workspace = call.Workspace;
        var report = await new MaturityAssessment(
            workspace.Runs,
            workspace.Models,
            workspace.Policies,
            workspace.Rollouts.Rollouts
        ).RunAsync(call.Stopped);
        return new
        {
            report.Level,
            report.LevelName,
            report.NextStep,
            report.Criteria,
        };
    }
}
