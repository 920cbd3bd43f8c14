using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Mlflow;

/// <summary>
/// MLflow's traces, of which none are kept. Clients look for them whether they write any or not: reads find nothing, and a write is
/// refused with a code that clients neither retry nor take for a fault of theirs.
/// </summary>
internal static class TraceEndpoints
{
    private static readonly IReadOnlyList<string> Old = ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"];
    private static readonly IReadOnlyList<string> New = ["/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/"];
    private static readonly IReadOnlyList<string> Both = [.. Old, .. New];
    private static readonly RestField Id = new("trace_id", RestType.Text, IsRequired: true, OtherName: "request_id");
    private static readonly RestField Key = new("key", RestType.Text, IsRequired: true);

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        Of("GET", "traces", Old, [new("experiment_ids", RestType.List, IsRequired: true)], NothingAsync),
        Of("POST", "traces/search", New, [new("locations", RestType.List, IsRequired: true)], NothingAsync),
        Of("GET", "traces/batchGet", New, [], NothingAsync),
        Of("POST", "traces/batchGetInfos", New, [], NothingAsync),
        Of("POST", "traces/metrics", New, [], NothingAsync),
        Of("POST", "traces/delete-traces", Both, [new("experiment_id", RestType.TextOrNumber, IsRequired: true)], DeleteAsync),
        Of("GET", "traces/get", New, [Id], MissingAsync),
        Of("GET", "traces/{trace_id}", New, [Id], MissingAsync),
        Of("GET", "traces/{trace_id}/info", Old, [Id], MissingAsync),
        Of("GET", "get-trace-artifact", Both, [Id], MissingAsync),
        Of("PATCH", "traces/{trace_id}/tags", Both, [Id, Key, new("value", RestType.Text)], TagAsync),
        Of("DELETE", "traces/{trace_id}/tags", Both, [Id, Key], TagAsync),
        Of("POST", "traces", Both, [], RefuseAsync),
        Of("PATCH", "traces/{trace_id}", Both, [], RefuseAsync),
        Of("POST", "traces/link-to-run", Both, [], RefuseAsync),
        Of("POST", "traces/link-prompts", Both, [], RefuseAsync),
        Of("POST", "traces/calculate-filter-correlation", New, [], RefuseAsync),
        Of("POST", "traces/{trace_id}/assessments", New, [], RefuseAsync),
    ];

    private static RestEndpoint Of(
        string method,
        string path,
        IReadOnlyList<string> prefixes,
        IReadOnlyList<RestField> schema,
        Func<RestCall, Task> handle
    ) => new(method, path, schema, handle) { Prefixes = prefixes };

    private static Task NothingAsync(RestCall call) => call.ReplyAsync();

    private static Task DeleteAsync(RestCall call) => call.ReplyAsync(json => json.WriteNumber("traces_deleted", 0));

    private static Task MissingAsync(RestCall call) =>
        throw ServerlessException.NotFound($"Trace with ID {call.TextOr("trace_id")} is not found.");

    private static Task TagAsync(RestCall call)
    {
        MlflowLimits.CheckRunTag(call.TextOr("key"), call.TextOr("value"));
        return MissingAsync(call);
    }

    private static Task RefuseAsync(RestCall call) =>
        throw new ServerlessException(
            ErrorCodes.NotImplemented,
            "This server keeps no traces. Switch tracing off with mlflow.tracing.disable().",
            status: 501
        );
}
