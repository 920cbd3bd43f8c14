using System.Text.Json;
using Serverless.Api.Description;
using Serverless.Serving.Invocations;
using Serverless.Serving.Logging;

namespace Serverless.Api.Native.Serving;

/// <summary>What the OpenAPI document says about <see cref="ServingEndpoints"/>.</summary>
internal static class ServingDocs
{
    private const string Label = """
        {"request": "0198f3c1a2b44c5d9e6f708192a3b4c5", "row": 0, "value": "1", "time": "2026-01-05T03:00:00+00:00",
         "why": "The request is not known."}
        """;

    private static readonly ParameterDoc Name = new("name", "The registered model.", "churn");
    private static readonly ErrorDoc NoModel = new(404, "There is no such model, or no version to answer with.");

    private static readonly IReadOnlyList<ParameterDoc> Which =
    [
        Name,
        ParameterDoc.Query("stage", "Answer with the newest version of this stage. Default: Production.", "Production"),
        ParameterDoc.Query("alias", "Answer with the version that has this alias.", "champion"),
        ParameterDoc.Query("version", "Answer with this version.", "1"),
        new(
            ServingEndpoints.RequestKeyHeader,
            "Who asks, at most 256 characters: during a rollout, the same key gets the same version.",
            "customer-42",
            ParameterPlace.Header
        ),
    ];

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        new("invoke", "POST /models/{name}/invocations", Tags.Serving, "Predict")
        {
            Description =
                "MLflow's scoring protocol. The answer's headers say which version answered (`X-Model-Version`), why "
                + "(`X-Model-Choice`), and "
                + "the `X-Request-Id` that labels refer to.",
            Parameters = Which,
            Request = new BodyDoc(
                [
                    new(
                        "application/json",
                        typeof(InvocationRequest),
                        ServingEndpoints.Relaxed,
                        """{"dataframe_split": {"columns": ["tenure", "contract"], "data": [[12, "monthly"], [48, "yearly"]]}}"""
                    ),
                    new("text/csv", null, null, "tenure,contract\n12,monthly\n48,yearly\n"),
                    new("application/vnd.apache.parquet", null, null, "(a Parquet file)"),
                ],
                "Exactly one of `dataframe_split`, `dataframe_records`, `instances` and `inputs`; or a table. At most 64 MiB, unpacked."
            ),
            Answer = BodyDoc.Json<InvocationAnswer>(
                ServingEndpoints.Relaxed,
                """{"predictions": [{"label": "1", "score": 0.83}, {"label": "0", "score": 0.07}]}""",
                "For a table, a record for each row; for arrays, an array for each output."
            ),
            Errors =
            [
                new(400, "The body does not fit the model's signature. The message is MLflow's."),
                NoModel,
                new(413, "The body is larger than 64 MiB, unpacked."),
                new(415, "The Content-Type or Content-Encoding is not supported."),
            ],
        },
        Ping("ping", "Check that a model can be loaded"),
        Ping("health", "Check that a model is healthy"),
        new("getScoringVersion", "GET /models/{name}/version", Tags.Serving, "Get the version of the scoring server")
        {
            Parameters = [Name],
            Answer = BodyDoc.Of("application/json", "0.1.0", "The platform's version, as plain text."),
        },
        new("getServingStats", "GET /models/{name}/stats", Tags.Serving, "Get requests and latency by version")
        {
            Description = "What this host has answered since it started.",
            Parameters = [Name],
            Answer = BodyDoc.Json<ServingStatistics>(
                ServingEndpoints.Relaxed,
                """
                {"model": "churn",
                 "versions": [{"version": 1, "succeeded": 1900, "rejected": 2, "failed": 0, "rows": 1900, "latency_p50": 0.4,
                  "latency_p99": 2.1, "last_error": null}],
                 "log": {"written_requests": 1900, "written_rows": 1900, "waiting_requests": 0, "dropped_requests": 0, "dropped_rows": 0},
                 "dropped_outcomes": 0}
                """,
                "Counts and milliseconds."
            ),
            Errors = [NoModel],
        },
        new("sendFeedback", "POST /models/{name}/feedback", Tags.Serving, "Send labels for predictions")
        {
            Description = "Sending the same label again changes nothing; another label for the same row replaces it.",
            Parameters = [Name],
            Request = BodyDoc.Json<FeedbackRequest>(
                ServingEndpoints.Relaxed,
                """{"request_id": "0198f3c1a2b44c5d9e6f708192a3b4c5", "row": 0, "label": 1}""",
                "One label (`label`, with `row`), those of all rows (`labels`), or several such objects (`feedback`)."
            ),
            Answer = BodyDoc.Json<FeedbackResult>(
                ServingEndpoints.Relaxed,
                $$"""{"recorded": 1, "refused": [{{Label}}]}""",
                "How many were recorded, and which were refused and why."
            ),
            Errors = [new(400, "The body is not a label."), new(404, "There is no such model, or none of the requests is known.")],
        },
        new("listRefusedFeedback", "GET /models/{name}/feedback", Tags.Serving, "List labels that were refused")
        {
            Parameters = [Name],
            Answer = BodyDoc.Json<RefusedLabels>(ServingEndpoints.Relaxed, $$"""{"refused": [{{Label}}]}""", "At most 100."),
            Errors = [NoModel],
        },
        new("getQuality", "GET /models/{name}/quality", Tags.Serving, "Get measured and estimated quality by version")
        {
            Parameters = [Name, ParameterDoc.Query("hours", "Length of the window, at most 8784. Default: 24.", "24", "number")],
            Answer = BodyDoc.Json<QualityAnswer>(
                ServingEndpoints.Relaxed,
                """
                {"model": "churn", "from": "2026-01-04T03:00:00+00:00", "to": "2026-01-05T03:00:00+00:00", "is_logged": true,
                 "versions": [{"version": 1, "rows": 1900, "labelled": 400, "unscored": 0, "mean_score": 0.27,
                  "metrics": {"auc": 0.84},
                  "estimate": {"is_estimate": true, "note": null, "rows": 1900,
                   "metrics": {"auc": {"value": 0.83, "low": 0.81, "high": 0.85}}}}],
                 "is_truncated": false, "unreadable_lines": 0}
                """,
                "`metrics` are measured from labels; `estimate` needs none."
            ),
            Errors = [new(400, "`hours` is out of range."), NoModel],
        },
    ];

    private static RouteDoc Ping(string path, string summary) =>
        new(path == "ping" ? "pingModel" : "getModelHealth", $"GET /models/{{name}}/{path}", Tags.Serving, summary)
        {
            Parameters = Which,
            Answer = BodyDoc.Of("application/json", "\n", "The model can answer. The body is an empty line, as MLflow's server sends it."),
            Errors = [NoModel],
        };

    internal sealed record DataframeSplit(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Data);

    internal sealed record InvocationRequest(
        DataframeSplit? DataframeSplit = null,
        IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>? DataframeRecords = null,
        JsonElement? Instances = null,
        JsonElement? Inputs = null,
        IReadOnlyDictionary<string, JsonElement>? Params = null
    );

    /// <summary>Records, or arrays by output.</summary>
    internal sealed record InvocationAnswer(JsonElement Predictions);

    internal sealed record ServingStatistics(
        string Model,
        IReadOnlyList<VersionStats> Versions,
        PredictionLogStats Log,
        long DroppedOutcomes
    );

    internal sealed record FeedbackRequest(
        string? RequestId = null,
        int? Row = null,
        JsonElement? Label = null,
        IReadOnlyList<JsonElement>? Labels = null,
        IReadOnlyList<JsonElement>? Feedback = null
    );

    internal sealed record RefusedLabels(IReadOnlyList<Label> Refused);

    internal sealed record EstimatedMetric(double? Value, double? Low, double? High);

    internal sealed record QualityEstimate(bool IsEstimate, string? Note, int Rows, IReadOnlyDictionary<string, EstimatedMetric> Metrics);

    internal sealed record MeasuredQuality(
        int Version,
        int Rows,
        int Labelled,
        int Unscored,
        double? MeanScore,
        IReadOnlyDictionary<string, double?> Metrics,
        QualityEstimate Estimate
    );

    internal sealed record QualityAnswer(
        string Model,
        DateTimeOffset From,
        DateTimeOffset To,
        bool IsLogged,
        IReadOnlyList<MeasuredQuality> Versions,
        bool IsTruncated,
        int UnreadableLines
    );
}
