using Serverless.Api.Description;

namespace Serverless.Api.Native.Console;

/// <summary>What the OpenAPI document says about a run's views and what people do with it.</summary>
internal static class RunDocs
{
    internal const string Id = "8f14e45fceea167a5a36dedd4bea2543";

    internal const string Run = $$"""
        {"run_id": "{{Id}}", "run_name": "churn-1", "experiment_id": "1", "status": "RUNNING",
         "start_time": 1767582000000, "generation": 1, "pipeline": "churn", "user": "alice"}
        """;

    private static readonly ParameterDoc RunId = new("run_id", "The run.", Id);
    private static readonly ErrorDoc NoRun = new(404, "There is no such run.");
    private static readonly ErrorDoc NotNow = new(400, "The run is not a pipeline's, or its state does not allow it.");
    private static readonly BodyDoc Page = BodyDoc.Of(
        "text/html",
        "<p>A report</p>",
        "The page, sandboxed by its Content-Security-Policy."
    );
    private static readonly ParameterDoc Scripts = ParameterDoc.Query("scripts", "1 to let the page's own scripts run.", "1");

    private static readonly BodyDoc Controlled = BodyDoc.Json<ControlledRun>(
        ConsoleApi.Json,
        $$"""{"run_id": "{{Id}}", "experiment_id": "1", "status": "RUNNING"}""",
        "The run, with MLflow's status."
    );

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        Of("getRunPipeline", "GET", "runs/{run_id}/pipeline", "Get a run's graph and its tasks") with
        {
            Description = "A run that a client logs has no graph: the answer has `run` alone then. Supports ETags.",
            Parameters = [RunId],
            Answer = BodyDoc.Json<RunPipeline>(
                ConsoleApi.Json,
                $$"""
                {"run": {{Run}}, "pipeline": "churn", "warnings": [], "parameters": {"train.lr": 0.1},
                 "graph": [{"name": "train", "kind": "component", "what": "train/fast-tree", "needs": ["prepare"],
                  "inputs": [{"name": "data/clean.csv", "task": "prepare", "output": "data/clean.csv"}], "outputs": ["model"]}],
                 "tasks": [{"path": "train", "run_id": "c9f0f895fb98ab9159f51fd0297e236d", "state": "Succeeded", "attempt": 1,
                  "started_at": 1767582000000, "ended_at": 1767582004000, "is_cache_hit": false, "has_log": true, "parameters": {},
                  "metrics": {"auc": 0.84}, "values": {},
                  "artifacts": [{"name": "model", "digest": "0cc175b9c0f1b6a831c399e269772661.dir", "size": 20480, "is_folder": true}]}]}
                """,
                "The run, the graph as it was submitted, and what is recorded of each task."
            ),
            Errors = [NoRun],
        },
        Of("getTaskLog", "GET", "runs/{run_id}/log", "Read a task's log from an offset") with
        {
            Parameters =
            [
                RunId,
                ParameterDoc.Query("task", "The task's path. Not needed for a task's own run.", "train"),
                ParameterDoc.Query("offset", "The `next_offset` of the answer before. Default: 0.", "0", "integer"),
            ],
            Answer = BodyDoc.Json<TaskLog>(
                ConsoleApi.Json,
                """{"task": "train", "offset": 0, "next_offset": 12, "text": "epoch 1 0.8\n", "is_ended": false}""",
                "Whole lines, at most 1 MiB; read on at `next_offset` until `is_ended`."
            ),
            Errors = [new(400, "`offset` is not a number."), new(404, "There is no such run or task.")],
        },
        Of("viewRunPage", "GET", "runs/{run_id}/view", "Show an HTML page that a run wrote") with
        {
            Parameters = [RunId, ParameterDoc.Query("path", "The artifact's path.", "report.html") with { IsRequired = true }, Scripts],
            Answer = Page,
            Errors = [new(400, "The artifact is not an HTML page, or larger than 64 MiB."), new(404, "There is no such run or artifact.")],
        },
        Of("viewReport", "GET", "reports/view", "Show a drift report") with
        {
            Parameters = [ParameterDoc.Query("path", "The report's path.", "drift/churn/1.html") with { IsRequired = true }, Scripts],
            Answer = Page,
            Errors = [new(404, "There is no such report.")],
        },
        Of("getSeries", "GET", "metrics/series", "Get metrics of several runs over time") with
        {
            Description = "Thinned so that no spike is lost: each stretch keeps its lowest and highest point. Supports ETags.",
            Parameters =
            [
                ParameterDoc.Query("run_id", "A run; repeat it for up to 100.", Id) with
                {
                    IsRequired = true,
                },
                ParameterDoc.Query("key", "A metric; repeat it for up to 100.", "loss") with
                {
                    IsRequired = true,
                },
                ParameterDoc.Query("points", "Most points of each series, 2 to 10000. Default: 1500.", "1500", "integer"),
            ],
            Answer = BodyDoc.Json<SeriesAnswer>(
                ConsoleApi.Json,
                $$"""
                {"series": [{"run_id": "{{Id}}", "key": "loss", "count": 2, "steps": [0, 1], "times": [1767582000000, 1767582001000],
                  "values": [0.9, "NaN"]}]}
                """,
                "Columns of points; `count` is how many there are, shown or not."
            ),
            Errors = [new(400, "`run_id`, `key` or `points` is missing or out of range.")],
        },
        Of("cancelRun", "POST", "runs/{run_id}/cancel", "Cancel a run") with
        {
            Parameters = [RunId],
            Request = Optional<RunControlEndpoints.CancelBody>("""{"reason": "wrong data"}"""),
            Answer = Controlled,
            Errors = [NotNow, NoRun],
        },
        Of("retryRun", "POST", "runs/{run_id}/retry", "Rerun failed, cancelled and skipped tasks of a run") with
        {
            Parameters = [RunId],
            Answer = Controlled,
            Errors = [NotNow, NoRun],
        },
        Of("rerunPipeline", "POST", "runs/{run_id}/rerun", "Run a pipeline again, with changed parameters") with
        {
            Parameters = [RunId],
            Request = Optional<RunControlEndpoints.RerunBody>("""{"params": {"train.lr": 0.05}}"""),
            Answer = Controlled,
            Errors = [new(400, "Parameters can only be changed with a policy, which keeps the pipeline file."), NoRun],
        },
        Of("approveTask", "POST", "runs/{run_id}/approve", "Approve or reject a task that is waiting for approval") with
        {
            Parameters = [RunId],
            Request = BodyDoc.Json<RunControlEndpoints.ApproveBody>(
                ConsoleApi.Json,
                """{"task": "deploy", "approve": true, "reason": "reviewed", "role": "approver"}""",
                "`task` is required. Without `approve`, the answer is yes."
            ),
            Answer = BodyDoc.Json<ApprovedTask>(
                ConsoleApi.Json,
                $$"""{"run_id": "{{Id}}", "task": "deploy", "approved": true}""",
                "What was answered."
            ),
            Errors = [NotNow, new(403, "The caller is not a member of the role."), NoRun],
        },
    ];

    private static RouteDoc Of(string id, string method, string path, string summary) =>
        new(id, $"{method} /api/2.0/serverless/{path}", Tags.Runs, summary);

    private static BodyDoc Optional<T>(string example) => BodyDoc.Json<T>(ConsoleApi.Json, example) with { IsRequired = false };

    /// <summary>As <see cref="PipelineView"/>, of which a client's run has only the first.</summary>
    internal sealed record RunPipeline(
        RunPart Run,
        string? Pipeline,
        string? Description,
        IReadOnlyList<string>? Warnings,
        IReadOnlyDictionary<string, System.Text.Json.JsonElement>? Parameters,
        IReadOnlyList<GraphNode>? Graph,
        IReadOnlyList<TaskPart>? Tasks
    );

    internal sealed record TaskLog(string Task, long Offset, long NextOffset, string Text, bool IsEnded);

    internal sealed record SeriesAnswer(IReadOnlyList<Series> Series);

    internal sealed record ControlledRun(string RunId, string ExperimentId, string Status);

    internal sealed record ApprovedTask(string RunId, string Task, bool Approved);
}
