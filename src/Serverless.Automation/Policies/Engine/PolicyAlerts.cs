using System.Globalization;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Records;
using Serverless.Tracking.Alerts;

namespace Serverless.Automation.Policies.Engine;

/// <summary>
/// Alerts the policy's targets about uploads and runs. An event's alert always has the same ID, so repeating it adds nothing.
/// </summary>
internal sealed class PolicyAlerts(PolicyEngineOptions options)
{
    public const string Refused = "upload.refused";
    public const string Drifted = "drift.detected";
    public const string RunFailed = "run.failed";
    public const string Lost = "challenger.lost";
    public const string Passed = "challenger.passed";
    public const string ModelFailed = "model.failed";

    public async Task UploadedAsync(LoadedPolicy policy, UploadRecord upload, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (upload.State == UploadState.Refused)
        {
            await TellAsync(
                policy,
                Refused,
                upload.Key,
                $"An upload to {upload.Dataset} was rejected: {upload.File}.",
                upload.Reason!,
                now,
                cancellationToken
            );
        }

        foreach (var drift in upload.Drift.Where(d => d.Model == policy.Policy.Model && d.HasDrifted))
        {
            await TellAsync(
                policy,
                Drifted,
                $"{upload.Key}-{drift.Trigger}",
                string.Create(CultureInfo.InvariantCulture, $"{upload.Dataset} version {upload.Version} drifted from {drift.Reference}."),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{drift.DriftedColumns} of {drift.Columns} columns ({string.Join(", ", drift.Names)}); report {drift.Report}.html"
                ),
                now,
                cancellationToken
            );
        }

        foreach (var drift in upload.Drift.Where(d => d.Model == policy.Policy.Model && d.Unweighed is not null))
        {
            await TellAsync(
                policy,
                ModelFailed,
                $"{upload.Key}-{drift.Trigger}",
                $"The columns of {upload.Dataset} could not be weighed by their importance to {policy.Policy.Model}.",
                drift.Unweighed!,
                now,
                cancellationToken
            );
        }
    }

    /// <summary>A version that cannot be evaluated stays so for many evaluations: send one alert per day.</summary>
    public async Task LookedAsync(LoadedPolicy policy, TriggerFinding finding, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (finding.FailedVersion is { } version)
        {
            await TellAsync(
                policy,
                ModelFailed,
                string.Create(CultureInfo.InvariantCulture, $"{version}-{finding.Trigger}-{now.UtcDateTime:yyyyMMdd}"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{policy.Policy.Model} version {version} could not be evaluated by {finding.LookedAt}."
                ),
                finding.Why,
                now,
                cancellationToken
            );
        }
    }

    public async Task EndedAsync(LoadedPolicy policy, RunOrder order, RunEnd end, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var happened = end.Upshot switch
        {
            RunUpshot.Failed => RunFailed,
            RunUpshot.Lost => Lost,
            RunUpshot.Passed => Passed,
            _ => null,
        };
        if (happened is not null)
        {
            await TellAsync(
                policy,
                happened,
                order.RunId,
                $"Run {order.RunId[..8]} of {order.Model} ended.",
                end.Text,
                now,
                cancellationToken
            );
        }
    }

    private async Task TellAsync(
        LoadedPolicy policy,
        string happened,
        string id,
        string text,
        string why,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (options.Rollouts is not { } rollouts || policy.Policy.Alerts.Count == 0)
        {
            return;
        }

        var alert = new Alert
        {
            Id = $"{happened}-{policy.Policy.Model}-{id}",
            Time = now,
            Event = happened,
            Workspace = options.Store.Workspace,
            Model = policy.Policy.Model,
            Text = $"{text} {why}",
            Why = why,
            By = "policy",
        };
        await rollouts.Outbox.EnqueueAsync(alert, policy.Policy.Alerts, cancellationToken);
    }
}
