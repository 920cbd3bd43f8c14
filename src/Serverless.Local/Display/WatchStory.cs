using System.Globalization;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Local.Commands;
using Serverless.Local.Hosting;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Models;
using Spectre.Console;

namespace Serverless.Local.Display;

/// <summary>Follows the events of a policy line by line. Reads only the store, so that any host can do the work.</summary>
internal sealed class WatchStory(LocalHost host, string model)
{
    public const int Lost = 3;
    public const int RolledBack = 4;
    public const int Waits = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DatasetStore datasets = new(host.Store);
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskState> tasks = new(StringComparer.Ordinal);
    private long since = long.MaxValue;
    private int exitCode;

    /// <summary>The version from the last run, if it passed.</summary>
    private int? passed;

    public async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        var state = await host.Policies.GetAsync(model, cancellationToken);
        var policy = await PolicyAsync(state, cancellationToken);
        Terminal.Tell(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Watching {model} (policy revision {state.Revision}, triggers: {PolicyText.Triggers(policy)})."
            )
        );
        var unanswered = await UnreadAsync(policy, cancellationToken);
        since = StartOf(await host.Policies.ListDecisionsAsync(model, 50, cancellationToken), unanswered, state.Decisions);
        var quiet = TimeProvider.System.GetTimestamp();
        var isWarned = false;
        var before = -1;
        while (true)
        {
            // The order matters: what is read first cannot result from what is read later.
            var unread = (await UnreadAsync(policy, cancellationToken)).Count;
            state = await host.Policies.GetAsync(model, cancellationToken);
            await TellDecisionsAsync(state, cancellationToken);
            await TellRunAsync(state.Active?.RunId, cancellationToken);
            var rollout = await TellRolloutAsync(cancellationToken);
            if (unread == 0 && state.Active is null && rollout is not { IsOpen: true })
            {
                return await EndAsync(state, cancellationToken);
            }

            if (rollout is { State: RolloutState.WaitingForApproval or RolloutState.Paused })
            {
                exitCode = Waits;
                return await EndAsync(state, cancellationToken);
            }

            if (before != told.Count + tasks.Count)
            {
                (before, quiet) = (told.Count + tasks.Count, TimeProvider.System.GetTimestamp());
            }
            else if (TimeProvider.System.GetElapsedTime(quiet) > Patience)
            {
                quiet = TimeProvider.System.GetTimestamp();
                if (rollout is not null)
                {
                    Say("canary", (await host.Own.Rollouts.ShowAsync(model, cancellationToken)).Reason ?? "monitoring");
                }
                else if (!isWarned && (unread > 0 || tasks.Count == 0))
                {
                    isWarned = true;
                    Terminal.Tell("No progress so far. Is `mlops up` running?");
                }
            }

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Reports the outcome when nothing is in progress.</summary>
    private async Task<int> EndAsync(PolicyState state, CancellationToken cancellationToken)
    {
        if (state.Pending.Count > 0)
        {
            exitCode = Waits;
        }

        var champion = await host.Registry.GetLatestAsync(model, Stage.Production, cancellationToken);
        var stands = champion is null
            ? "no version is in Production"
            : string.Create(CultureInfo.InvariantCulture, $"version {champion.Version} is in Production");
        Say(
            "settled",
            told.Count == 0 ? $"no events yet; {stands}"
                : state.Pending.Count > 0 ? $"a run is waiting for its start time; {stands}"
                : stands
        );
        return exitCode;
    }

    private async Task TellDecisionsAsync(PolicyState state, CancellationToken cancellationToken)
    {
        if (state.Decisions <= since && told.Count == 0)
        {
            return;
        }

        var decisions = await host.Policies.ListDecisionsAsync(model, 50, cancellationToken);
        for (var i = decisions.Count - 1; i >= 0; i--)
        {
            var decision = decisions[i];
            if (decision.Number < since || !told.Add(decision.Number.ToString(CultureInfo.InvariantCulture)))
            {
                continue;
            }

            var run = decision.RunId is { } id ? $" [run {id[..8]}]" : "";
            switch (decision.Outcome)
            {
                case DecisionOutcome.Fired:
                    Say(decision.Trigger, $"fired on {decision.LookedAt}: {decision.Why}{run}");
                    exitCode = 0;
                    break;
                case DecisionOutcome.NotFired:
                    Say(decision.Trigger, $"did not fire on {decision.LookedAt}: {decision.Why}");
                    break;
                case DecisionOutcome.Held:
                    Say(decision.Trigger, $"fired on {decision.LookedAt}, held back: {decision.Why}");
                    break;
                case DecisionOutcome.Refused:
                    Say(decision.Trigger, $"refused {decision.LookedAt}: {decision.Why}");
                    exitCode = CommandLine.Failed;
                    break;
                default:
                    // Report the run's last tasks before its end.
                    await TellRunAsync(decision.RunId, cancellationToken);
                    Say("verdict", decision.Why + run);
                    passed = decision.Version;
                    exitCode = decision.Upshot switch
                    {
                        RunUpshot.Lost => Lost,
                        RunUpshot.Failed or RunUpshot.Canceled => CommandLine.Failed,
                        _ => exitCode,
                    };
                    break;
            }

            if (decision.Report is { } report)
            {
                Say("report", $"{report}.html in the run's artifacts");
            }
        }
    }

    private async Task TellRunAsync(string? runId, CancellationToken cancellationToken)
    {
        if (runId is null || await host.Engine.Runs.FindAsync(runId, cancellationToken) is not { } run)
        {
            return;
        }

        foreach (var task in await TaskRecords.ListAsync(host.Engine.Runs, run, cancellationToken))
        {
            if (task.State is TaskState.Pending or TaskState.Running || tasks.GetValueOrDefault(run.Id + task.Path) == task.State)
            {
                continue;
            }

            tasks[run.Id + task.Path] = task.State;
            Say(
                "run",
                $"{run.Id[..8]} {task.Path}: "
                    + (task.Result.IsCacheHit ? "cached" : task.State.ToString().ToLowerInvariant())
                    + (task.Result.Error is { } error ? $": {error.Message}" : "")
            );
        }
    }

    /// <summary>Reports the steps of the model's rollout that have not been reported yet.</summary>
    private async Task<Rollout?> TellRolloutAsync(CancellationToken cancellationToken)
    {
        var rollouts = host.Own.Rollouts.Rollouts;
        if (
            passed is null
            || (await rollouts.ListAsync(model, cancellationToken)).FirstOrDefault(r => r.Challenger == passed) is not { } rollout
        )
        {
            return null;
        }

        var look = rollout.IsOpen ? (await host.Own.Rollouts.ShowAsync(model, cancellationToken)).Reason : rollout.Reason;
        for (var step = 1; step <= rollout.StepTimes.Count; step++)
        {
            if (told.Add($"{rollout.Id}/{step}"))
            {
                Say(
                    "canary",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"version {rollout.Challenger} takes {100 * rollout.Plan.Steps[step - 1].Traffic:0.##} % of the traffic"
                    )
                );
            }
        }

        if (told.Add($"{rollout.Id}/{rollout.State}") && rollout.State != RolloutState.Running)
        {
            Say(
                "rollout",
                rollout.State switch
                {
                    RolloutState.WaitingForApproval =>
                        $"waiting for approval by role {rollout.Approval?.Role}: run `mlops rollout approve {model}`",
                    RolloutState.Paused => $"paused: resume it with `mlops rollout resume {model}`",
                    RolloutState.Promoted => string.Create(
                        CultureInfo.InvariantCulture,
                        $"version {rollout.Challenger} replaced version {rollout.Champion} in Production: {look}"
                    ),
                    RolloutState.RolledBack => string.Create(
                        CultureInfo.InvariantCulture,
                        $"rolled back from version {rollout.Challenger} to version {rollout.Champion}: {look}"
                    ),
                    _ => $"ended: {look}",
                }
            );
            exitCode = rollout.State is RolloutState.RolledBack or RolloutState.Aborted ? RolledBack : exitCode;
        }

        return rollout;
    }

    /// <summary>The upload events of the policy's datasets that have not been fully processed.</summary>
    private async Task<HashSet<string>> UnreadAsync(TrainingPolicy policy, CancellationToken cancellationToken)
    {
        var names = policy.Data.Select(d => d.Dataset).ToHashSet(StringComparer.Ordinal);
        var blobs = (await host.Store.Inbox.ListAsync(cancellationToken)).Where(b => names.Contains(b.Dataset)).ToList();
        var answered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var dataset in blobs.Select(b => b.Dataset).Distinct())
        {
            answered.UnionWith((await datasets.ListUploadsAsync(dataset, cancellationToken)).Where(u => u.IsAnswered).Select(u => u.Key));
        }

        return [.. blobs.Where(b => !answered.Contains(b.Key)).Select(b => PolicyEngine.UploadEventOf(b.Key))];
    }

    /// <summary>
    /// The number of the first decision on the newest event. While an upload is being processed: the first decision on it, or the next
    /// one to come. An upload counts as processed only after its run was submitted, so its decision may exist before that.
    /// </summary>
    private static long StartOf(IReadOnlyList<Decision> newest, HashSet<string> unanswered, long count)
    {
        if (unanswered.Count > 0)
        {
            return newest.LastOrDefault(d => unanswered.Contains(d.EventKey))?.Number ?? count;
        }

        return newest.Count == 0
            ? 0
            : newest.TakeWhile(d => d.EventKey == newest[0].EventKey || (d.RunId is not null && d.RunId == newest[0].RunId)).Last().Number;
    }

    private async Task<TrainingPolicy> PolicyAsync(PolicyState state, CancellationToken cancellationToken)
    {
        var revision = await host.Policies.GetRevisionAsync(model, state.Revision, cancellationToken);
        return PolicyReader.Read(revision.Text, revision.File);
    }

    private static void Say(string what, string text) =>
        Terminal.Out.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow().UtcDateTime:HH:mm:ss}  {what, -10} {text}")
        );
}
