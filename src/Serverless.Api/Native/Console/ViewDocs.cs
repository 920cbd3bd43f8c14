using Serverless.Api.Description;
using Serverless.Api.Hosting;
using Serverless.Automation.Hooks;
using Serverless.Automation.Maturity;
using Serverless.Serving.Invocations;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Roles;

namespace Serverless.Api.Native.Console;

/// <summary>What the OpenAPI document says about a workspace's views: home, maturity, settings.</summary>
internal static class ViewDocs
{
    private const string Roles = """[{"name": "approver", "members": ["alice"]}]""";

    private const string Criterion = """
        {"level": 2, "name": "Pipelines start from Git", "is_met": false, "evidence": "No webhook mapping.",
         "next": "Apply hooks.yaml."}
        """;

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        Of("getHome", "GET", "home", "Get what runs, failed, waits, serves and comes next") with
        {
            Description = "One answer for the console's first page. Supports ETags.",
            Answer = BodyDoc.Json<Home>(
                ConsoleApi.Json,
                $$$"""
                {"running": [{"run": {{{RunDocs.Run}}}, "total": 4, "done": 1, "now": ["train"]}], "failed": [], "ended": [],
                 "approvals": [{"run": {{{RunDocs.Run}}}, "task": "deploy", "message": "Deploy to Production?", "role": "approver"}],
                 "models": [{"name": "churn", "version": 1, "run_id": "{{{RunDocs.Id}}}",
                  "rollout": {"state": "Running", "challenger": 2, "step": 1, "steps": 3, "traffic": 0.05, "waits_for_approval": false}}],
                 "schedule": [{"at": 1767582000000, "model": "churn", "trigger": "schedule", "is_paused": false}]}
                """,
                "At most a dozen of each."
            ),
        },
        Of("getMaturity", "GET", "maturity", "Assess the MLOps maturity level of the workspace") with
        {
            Answer = BodyDoc.Json<Maturity>(
                ConsoleApi.Json,
                $$"""{"level": 1, "level_name": "pipelines", "next_step": {{Criterion}}, "criteria": [{{Criterion}}]}""",
                "The level (0–3), the evidence, and the next step."
            ),
        },
        Of("getSettings", "GET", "settings", "Get the workspace's settings") with
        {
            Answer = BodyDoc.Json<Settings>(
                ConsoleApi.Json,
                $$"""
                {"version": "0.1.0", "workspace": "default", "user": "alice", "workspace_policy": "OnFirstUse", "admins": [],
                 "masks_secrets": true, "logs_predictions": true, "prediction_days": 90, "event_days": 30, "roles": {{Roles}},
                 "hooks": [{"name": "churn", "repository": "team/churn", "branches": ["main"], "paths": [], "pipeline": "."}]}
                """,
                "Roles, webhook mappings, and how long things are kept."
            ),
        },
        Of("setRole", "PUT", "roles/{role}", "Set the members of a role") with
        {
            Parameters = [new("role", "The role.", "approver")],
            Request = BodyDoc.Json<SettingsEndpoints.RoleBody>(
                ConsoleApi.Json,
                """{"members": ["alice", "bob"]}""",
                "All members. An empty list clears the role."
            ),
            Answer = BodyDoc.Json<RoleList>(ConsoleApi.Json, $$"""{"roles": {{Roles}}}""", "All roles."),
            Errors = [new(403, "The caller is not an administrator.")],
        },
    ];

    private static RouteDoc Of(string id, string method, string path, string summary) =>
        new(id, $"{method} /api/2.0/serverless/{path}", Tags.Host, summary);

    internal sealed record RunProgress(RunPart Run, int Total, int Done, IReadOnlyList<string> Now);

    internal sealed record WaitingApproval(RunPart Run, string Task, string? Message, string? Role);

    internal sealed record OpenRollout(
        RolloutState State,
        int Challenger,
        int Step,
        int Steps,
        double Traffic,
        string? Role,
        string? Why,
        bool WaitsForApproval
    );

    internal sealed record ServedModel(string Name, int? Version, string? RunId, VersionStats? Stats, OpenRollout? Rollout);

    internal sealed record ScheduledRun(long At, string Model, string Trigger, bool IsPaused);

    internal sealed record Home(
        IReadOnlyList<RunProgress> Running,
        IReadOnlyList<RunPart> Failed,
        IReadOnlyList<RunPart> Ended,
        IReadOnlyList<WaitingApproval> Approvals,
        IReadOnlyList<ServedModel> Models,
        IReadOnlyList<ScheduledRun> Schedule
    );

    internal sealed record Maturity(int Level, string LevelName, MaturityCriterion? NextStep, IReadOnlyList<MaturityCriterion> Criteria);

    internal sealed record Settings(
        string Version,
        string Workspace,
        string User,
        WorkspacePolicy WorkspacePolicy,
        IReadOnlyList<string> Admins,
        bool MasksSecrets,
        bool LogsPredictions,
        int PredictionDays,
        int EventDays,
        IReadOnlyList<Role> Roles,
        IReadOnlyList<HookMapping> Hooks
    );

    internal sealed record RoleList(IReadOnlyList<Role> Roles);
}
