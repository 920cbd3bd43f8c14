using Serverless.Api.Description;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Alerts;
using Serverless.Training.Promotion;

namespace Serverless.Api.Native.Rollouts;

/// <summary>What the OpenAPI document says about <see cref="RolloutEndpoints"/>.</summary>
internal static class RolloutDocs
{
    private const string View = """
        {"id": "20260105030000-2", "model": "churn", "state": "running", "champion": 1, "challenger": 2, "step": 1, "traffic": 0.05,
         "steps": [{"traffic": 0.05, "bake_seconds": 600, "started_at": "2026-01-05T03:00:00+00:00", "champion_requests": 1900,
           "champion_errors": 0, "challenger_requests": 100, "challenger_errors": 0},
          {"traffic": 1, "bake_seconds": 600, "champion_requests": 0, "champion_errors": 0, "challenger_requests": 0,
           "challenger_errors": 0}],
         "started_at": "2026-01-05T03:00:00+00:00", "by": "alice", "why": "better AUC",
         "tests": [{"name": "errors", "p_value": 1, "alpha": 0.0125, "champion": 0, "challenger": 0, "champion_count": 1900,
           "challenger_count": 100, "unit": "share", "text": "No difference was found.", "is_rejected": false}],
         "alerts": ["https://hooks.example.com"]}
        """;

    private static readonly ParameterDoc Name = new("name", "The registered model.", "churn");
    private static readonly ErrorDoc NoRollout = new(404, "The model has no rollout.");
    private static readonly ErrorDoc NotNow = new(400, "The rollout's state does not allow it. The message says what does.");
    private static readonly BodyDoc Shown = BodyDoc.Json<RolloutView>(RolloutView.Json, View, "Where the rollout stands.");

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        new("getRollout", "GET /models/{name}/rollout", Tags.Rollouts, "Get a model's rollout")
        {
            Description = "The open rollout, or the last one: its steps, what was counted in them, and what the sequential tests say now.",
            Parameters = [Name],
            Answer = Shown,
            Errors = [NoRollout],
        },
        new("listRollouts", "GET /models/{name}/rollouts", Tags.Rollouts, "List rollouts of a model")
        {
            Parameters = [Name],
            Answer = BodyDoc.Json<RolloutList>(RolloutView.Json, $$"""{"rollouts": [{{View}}]}""", "The rollouts, the newest first."),
        },
        new("startRollout", "POST /models/{name}/rollout", Tags.Rollouts, "Start a rollout")
        {
            Description = "Moves traffic to a version in steps. docs/rollout.md describes the plan; every value of it has a default.",
            Parameters = [Name],
            Request = BodyDoc.Json<RolloutStart>(
                PlanJson.Options,
                """
                {"version": 2, "why": "better AUC",
                 "plan": {"steps": ["5%", "25%", "100%"], "bake": "1h", "minimum_requests": 200},
                 "alerts": [{"webhook": "env:HOOK", "on": ["rollout.*"]}]}
                """
            ),
            Answer = Shown,
            Errors =
            [
                new(400, "The version is missing, the plan is not valid, or another rollout is open."),
                new(404, "There is no such model or version."),
                new(413, "The body is larger than 64 KiB."),
            ],
        },
        Act("pauseRollout", "pause", "Pause a rollout at its step"),
        Act("resumeRollout", "resume", "Resume a paused rollout"),
        Act("abortRollout", "abort", "Abort a rollout"),
        Act("promoteChallenger", "promote", "Promote the challenger now"),
        Act("rollBack", "rollback", "Roll back to the champion"),
        new("approveRollout", "POST /models/{name}/rollout/approve", Tags.Rollouts, "Approve or reject a rollout that waits for approval")
        {
            Parameters = [Name],
            Request = BodyDoc.Json<RolloutApproval>(
                PlanJson.Options,
                """{"role": "approver", "approve": true, "why": "reviewed"}""",
                "Without `approve`, the answer is yes."
            ) with
            {
                IsRequired = false,
            },
            Answer = Shown,
            Errors = [NotNow, new(403, "The caller is not a member of the role."), NoRollout],
        },
        new("listAlerts", "GET /alerts", Tags.Rollouts, "List alerts and their delivery")
        {
            Answer = BodyDoc.Json<AlertLists>(
                RolloutView.Json,
                """
                {"pending": [],
                 "ended": [{"id": "rollout-20260105030000-2-promoted", "event": "rollout.promoted", "time": "2026-01-05T05:00:00+00:00",
                  "text": "churn: version 2 is in Production.", "target": "https://hooks.example.com", "attempts": 1,
                  "delivered_at": "2026-01-05T05:00:01+00:00"}]}
                """,
                "Alerts on their way, and those that arrived or were given up."
            ),
        },
    ];

    private static RouteDoc Act(string id, string verb, string summary) =>
        new(id, $"POST /models/{{name}}/rollout/{verb}", Tags.Rollouts, summary)
        {
            Parameters = [Name],
            Request = BodyDoc.Json<RolloutReason>(PlanJson.Options, """{"why": "traffic is low at night"}""", "Why; for the history.") with
            {
                IsRequired = false,
            },
            Answer = Shown,
            Errors = [NotNow, NoRollout],
        };

    internal sealed record RolloutStart(
        int Version,
        RolloutPlan? Plan = null,
        ApprovalRule? Approval = null,
        IReadOnlyList<AlertTarget>? Alerts = null,
        string? Why = null
    );

    internal sealed record RolloutReason(string? Why = null);

    internal sealed record RolloutApproval(string Role, bool? Approve = null, string? Why = null);

    internal sealed record RolloutList(IReadOnlyList<RolloutView> Rollouts);

    internal sealed record ShownAlert(
        string Id,
        string Event,
        DateTimeOffset Time,
        string Text,
        string Target,
        int Attempts,
        DateTimeOffset? DeliveredAt,
        string? Error
    );

    internal sealed record AlertLists(IReadOnlyList<ShownAlert> Pending, IReadOnlyList<ShownAlert> Ended);
}
