using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Core;

namespace Serverless.Api.Native.Policies;

/// <summary>`/api/2.0/policies/…` and `/api/2.0/inbox/…`: the policy commands of the command line, over HTTP.</summary>
internal static class PolicyEndpoints
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var prefix in (string[])["/api/2.0/", "/w/{workspace}/api/2.0/"])
        {
            void On(string method, string path, Func<HttpContext, WorkspaceServices, Task<object>> handle) =>
                endpoints.MapMethods(
                    prefix + path,
                    [method],
                    http =>
                        RestEndpoint.GuardAsync(
                            http,
                            async () =>
                            {
                                var name = (string?)http.Request.RouteValues["workspace"] ?? Workspaces.DefaultName;
                                var workspace = await workspaces.OpenAsync(name, Caller.Of(http), http.RequestAborted);
                                var answer = await handle(http, workspace);
                                http.Response.ContentType = "application/json";
                                await JsonSerializer.SerializeAsync(
                                    http.Response.Body,
                                    answer,
                                    answer.GetType(),
                                    Json,
                                    http.RequestAborted
                                );
                            }
                        )
                );

            On("GET", "policies", ListAsync);
            On("GET", "policies/{model}", GetAsync);
            On("PUT", "policies/{model}", PutAsync);
            On("GET", "policies/{model}/history", HistoryAsync);
            On("GET", "policies/{model}/decisions", DecisionsAsync);
            On("POST", "policies/{model}/pause", PauseAsync);
            On("POST", "policies/{model}/resume", ResumeAsync);
            On("POST", "policies/{model}/train", TrainAsync);
            On("GET", "inbox/{dataset}", UploadsAsync);
            On("POST", "inbox/{dataset}", DropAsync);
        }
    }

    private static async Task<object> ListAsync(HttpContext http, WorkspaceServices workspace) =>
        new { policies = await workspace.Policies.ListAsync(http.RequestAborted) };

    private static async Task<object> GetAsync(HttpContext http, WorkspaceServices workspace)
    {
        var state = await workspace.Policies.GetAsync(Route(http, "model"), http.RequestAborted);
        return new { policy = await workspace.Policies.GetRevisionAsync(state.Model, state.Revision, http.RequestAborted), state };
    }

    /// <summary>Changes the document. The pipeline stays the one that was applied from its folder.</summary>
    private static async Task<object> PutAsync(HttpContext http, WorkspaceServices workspace)
    {
        var text = Encoding.UTF8.GetString((await RequestBody.ReadAsync(http, BodyLimits.Policy)).Span);
        var desk = new PolicyDesk(workspace.Policies, workspace.Store.Content, workspace.Engine.Options.Catalog);
        var (policy, isNew) = await desk.ChangeAsync(Route(http, "model"), text, CallerOf(http), http.RequestAborted);
        return new { policy, is_new = isNew };
    }

    private static async Task<object> HistoryAsync(HttpContext http, WorkspaceServices workspace)
    {
        var state = await workspace.Policies.GetAsync(Route(http, "model"), http.RequestAborted);
        return new { revisions = await workspace.Policies.ListRevisionsAsync(state.Model, http.RequestAborted) };
    }

    private static async Task<object> DecisionsAsync(HttpContext http, WorkspaceServices workspace)
    {
        var state = await workspace.Policies.GetAsync(Route(http, "model"), http.RequestAborted);
        var text = http.Request.Query["max_results"].ToString();
        var count =
            text.Length == 0 ? 50
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= PolicyStore.KeptDecisions
                ? number
            : throw ServerlessException.Invalid(
                $"max_results has the invalid value '{text}'.",
                $"Use a number from 1 to {PolicyStore.KeptDecisions}."
            );
        return new { decisions = await workspace.Policies.ListDecisionsAsync(state.Model, count, http.RequestAborted) };
    }

    private static async Task<object> PauseAsync(HttpContext http, WorkspaceServices workspace)
    {
        var body = await BodyAsync<PauseRequest>(http);
        return new { state = await workspace.Policies.PauseAsync(Route(http, "model"), CallerOf(http), body.Reason, http.RequestAborted) };
    }

    private static async Task<object> ResumeAsync(HttpContext http, WorkspaceServices workspace) =>
        new { state = await workspace.Policies.ResumeAsync(Route(http, "model"), http.RequestAborted) };

    private static async Task<object> TrainAsync(HttpContext http, WorkspaceServices workspace)
    {
        var body = await BodyAsync<TrainRequest>(http);
        var parameters = (body.Params ?? []).ToDictionary(
            p => p.Key,
            p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText()
        );
        var run = await workspace.Engine.TrainAsync(Route(http, "model"), parameters, CallerOf(http), body.RequestId, http.RequestAborted);
        return new
        {
            run_id = run.Id,
            experiment_id = run.ExperimentId,
            status = run.Status,
        };
    }

    private static async Task<object> UploadsAsync(HttpContext http, WorkspaceServices workspace)
    {
        var datasets = new DatasetStore(workspace.Store);
        var dataset = Route(http, "dataset");
        return new
        {
            uploads = await datasets.ListUploadsAsync(dataset, http.RequestAborted),
            versions = await datasets.ListVersionsAsync(dataset, cancellationToken: http.RequestAborted),
        };
    }

    /// <summary>Uploads the body as a file to the inbox. The inbox watcher processes it.</summary>
    private static async Task<object> DropAsync(HttpContext http, WorkspaceServices workspace)
    {
        var (dataset, file) = (Route(http, "dataset"), http.Request.Query["file"].ToString());
        if (!PolicyRules.IsDatasetName(dataset) || !PolicyRules.IsDatasetName(file))
        {
            throw ServerlessException.Invalid(
                PolicyRules.IsDatasetName(dataset) ? $"'{file}' is not a valid file name." : $"'{dataset}' is not a valid dataset name.",
                "Send POST /api/2.0/inbox/DATASET?file=NAME.csv, with letters, digits, '-', '_' and '.' in both, and the file as the body."
            );
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // Data files have no typical size.
            size.MaxRequestBodySize = null;
        }

        await workspace.Store.Inbox.CreateAsync(http.RequestAborted);
        var blob = await workspace.Store.Inbox.UploadAsync(dataset, file, http.Request.Body, http.RequestAborted);
        return new
        {
            key = blob.Key,
            dataset,
            file,
        };
    }

    private static async Task<T> BodyAsync<T>(HttpContext http)
        where T : class, new()
    {
        try
        {
            return await JsonBody.ReadAsync<T>(http, BodyLimits.Policy, Json) ?? new T();
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid($"The body cannot be read: {e.Message}", "See docs/policies.md for the request bodies.");
        }
    }

    private static string Route(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private static string CallerOf(HttpContext http) => Caller.Of(http).Name;

    internal sealed class PauseRequest
    {
        public string? Reason { get; set; }
    }

    internal sealed class TrainRequest
    {
        public Dictionary<string, JsonElement>? Params { get; set; }

        /// <summary>The key of a request, so that a repeated request starts the same run.</summary>
        public string? RequestId { get; set; }
    }
}
