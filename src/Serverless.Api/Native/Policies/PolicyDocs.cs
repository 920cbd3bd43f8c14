using Serverless.Api.Description;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Records;

namespace Serverless.Api.Native.Policies;

/// <summary>What the OpenAPI document says about <see cref="PolicyEndpoints"/>.</summary>
internal static class PolicyDocs
{
    private const string State = """
        {"model": "churn", "revision": 1, "slots": {}, "windows": {}, "pending": [], "starts": [],
         "trained": {"churn": 2}, "last": {}, "decisions": 3}
        """;

    private const string Revision = """
        {"model": "churn", "revision": 1, "text": "model: churn\npipeline: .\n", "file": "policy.yaml",
         "digest": "5972703887f3b9c3", "pipeline_digest": "0cc175b9c0f1b6a831c399e269772661", "applied_by": "alice",
         "applied_at": "2026-01-01T00:00:00+00:00", "came_with_run": false}
        """;

    private static readonly ParameterDoc Model = new("model", "The registered model that the policy is for.", "churn");
    private static readonly ParameterDoc Dataset = new("dataset", "The dataset: letters, digits, `-`, `_` and `.`.", "churn");
    private static readonly ErrorDoc NoPolicy = new(404, "The model has no policy.");

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        new("listPolicies", "GET /api/2.0/policies", Tags.Policies, "List policies and where they stand")
        {
            Answer = BodyDoc.Json<PolicyList>(PolicyEndpoints.Json, $$"""{"policies": [{{State}}]}""", "One state for each model."),
        },
        new("getPolicy", "GET /api/2.0/policies/{model}", Tags.Policies, "Get a policy and its state")
        {
            Parameters = [Model],
            Answer = BodyDoc.Json<PolicyAnswer>(
                PolicyEndpoints.Json,
                $$"""{"policy": {{Revision}}, "state": {{State}}}""",
                "The active revision, and where the policy stands."
            ),
            Errors = [NoPolicy],
        },
        new("putPolicy", "PUT /api/2.0/policies/{model}", Tags.Policies, "Apply a new policy document")
        {
            Description =
                "The document changes; the pipeline stays the one that was applied from its folder. docs/policies.md describes "
                + "the document.",
            Parameters = [Model],
            Request = BodyDoc.Of(
                "application/yaml",
                "model: churn\npipeline: .\ntriggers:\n  - schedule: {cron: '0 3 * * 1', time_zone: UTC}\n",
                "The YAML document, at most 1 MiB."
            ),
            Answer = BodyDoc.Json<AppliedPolicy>(
                PolicyEndpoints.Json,
                $$"""{"policy": {{Revision}}, "is_new": true}""",
                "The active revision; `is_new` is false if this document was active already."
            ),
            Errors = [new(400, "The document is not valid. The message lists every mistake with its line."), NoPolicy],
        },
        new("listPolicyRevisions", "GET /api/2.0/policies/{model}/history", Tags.Policies, "List revisions of a policy")
        {
            Parameters = [Model],
            Answer = BodyDoc.Json<PolicyHistory>(PolicyEndpoints.Json, $$"""{"revisions": [{{Revision}}]}""", "The newest first."),
            Errors = [NoPolicy],
        },
        new("listDecisions", "GET /api/2.0/policies/{model}/decisions", Tags.Policies, "List decisions of a policy")
        {
            Description = "Why a run was started, or was not: what was looked at, and what came of it.",
            Parameters = [Model, ParameterDoc.Query("max_results", "How many, newest first. Default: 50.", "50", "integer")],
            Answer = BodyDoc.Json<DecisionList>(
                PolicyEndpoints.Json,
                """
                {"decisions": [{"model": "churn", "time": "2026-01-05T03:00:00+00:00", "trigger": "schedule", "outcome": "fired",
                  "looked_at": "the time 2026-01-05 03:00", "why": "It is due.", "event_key": "schedule|2026-01-05T03:00",
                  "run_id": "8f14e45fceea167a5a36dedd4bea2543", "times": 1}]}
                """,
                "The newest first."
            ),
            Errors = [new(400, "`max_results` is out of range."), NoPolicy],
        },
        new("pausePolicy", "POST /api/2.0/policies/{model}/pause", Tags.Policies, "Pause a policy")
        {
            Description = "Triggers start no run until the policy is resumed. Runs by hand still start.",
            Parameters = [Model],
            Request = BodyDoc.Json<PolicyEndpoints.PauseRequest>(PolicyEndpoints.Json, """{"reason": "data migration"}""") with
            {
                IsRequired = false,
            },
            Answer = BodyDoc.Json<StateAnswer>(PolicyEndpoints.Json, $$"""{"state": {{State}}}""", "Where the policy stands now."),
            Errors = [NoPolicy],
        },
        new("resumePolicy", "POST /api/2.0/policies/{model}/resume", Tags.Policies, "Resume a paused policy")
        {
            Parameters = [Model],
            Answer = BodyDoc.Json<StateAnswer>(PolicyEndpoints.Json, $$"""{"state": {{State}}}""", "Where the policy stands now."),
            Errors = [NoPolicy],
        },
        new("trainModel", "POST /api/2.0/policies/{model}/train", Tags.Policies, "Start a run of the policy's pipeline now")
        {
            Parameters = [Model],
            Request = BodyDoc.Json<PolicyEndpoints.TrainRequest>(
                PolicyEndpoints.Json,
                """{"params": {"params.train.lr": 0.05}, "request_id": "2026-01-05-a"}""",
                "Parameters to change, as for `mlops train --set`. The same `request_id` returns the same run."
            ) with
            {
                IsRequired = false,
            },
            Answer = BodyDoc.Json<StartedRun>(
                PolicyEndpoints.Json,
                """{"run_id": "8f14e45fceea167a5a36dedd4bea2543", "experiment_id": "1", "status": "scheduled"}""",
                "The run."
            ),
            Errors = [new(400, "A parameter does not exist in the pipeline."), NoPolicy],
        },
        new("listUploads", "GET /api/2.0/inbox/{dataset}", Tags.Policies, "List uploads of a dataset")
        {
            Parameters = [Dataset],
            Answer = BodyDoc.Json<InboxAnswer>(
                PolicyEndpoints.Json,
                """
                {"uploads": [{"key": "churn/month-2.csv", "dataset": "churn", "file": "month-2.csv",
                  "uploaded_at": "2026-01-05T03:00:00+00:00", "read_at": "2026-01-05T03:00:01+00:00", "state": "versioned",
                  "schema_changed": false, "rows": 1000, "version": 2, "drift": [], "is_answered": true}],
                 "versions": [{"dataset": "churn", "version": 2,
                  "content": {"digest": "0cc175b9c0f1b6a831c399e269772661", "size": 20480, "is_executable": false, "is_directory": false},
                  "file": "month-2.csv", "rows": 1000, "at": "2026-01-05T03:00:01+00:00"}]}
                """,
                "What was uploaded, what became of it, and the versions that policies learn from."
            ),
        },
        new("uploadFile", "POST /api/2.0/inbox/{dataset}", Tags.Policies, "Upload a file to the inbox")
        {
            Description = "The file becomes a version of the dataset once it is read; policies with a trigger on the dataset look at it.",
            Parameters = [Dataset, ParameterDoc.Query("file", "The file's name.", "month-2.csv") with { IsRequired = true }],
            Request = BodyDoc.Of("text/csv", "tenure,churn\n12,0\n3,1\n", "The file, of any size."),
            Answer = BodyDoc.Json<DroppedFile>(
                PolicyEndpoints.Json,
                """{"key": "churn/month-2.csv", "dataset": "churn", "file": "month-2.csv"}""",
                "The key of the upload: `listUploads` shows what became of it."
            ),
            Errors = [new(400, "The name of the dataset or of the file is not valid.")],
        },
    ];

    internal sealed record PolicyList(IReadOnlyList<PolicyState> Policies);

    internal sealed record PolicyAnswer(PolicyRevision Policy, PolicyState State);

    internal sealed record AppliedPolicy(PolicyRevision Policy, bool IsNew);

    internal sealed record PolicyHistory(IReadOnlyList<PolicyRevision> Revisions);

    internal sealed record DecisionList(IReadOnlyList<Decision> Decisions);

    internal sealed record StateAnswer(PolicyState State);

    internal sealed record StartedRun(string RunId, string ExperimentId, Tracking.Runs.RunStatus Status);

    internal sealed record InboxAnswer(IReadOnlyList<UploadRecord> Uploads, IReadOnlyList<InboxVersion> Versions);

    internal sealed record DroppedFile(string Key, string Dataset, string File);
}
