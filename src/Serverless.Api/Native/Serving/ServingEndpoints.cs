using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>`/models/{name}/…`: serves a registered model like MLflow's scoring server.</summary>
internal static class ServingEndpoints
{
    public const string RequestIdHeader = "X-Request-Id";
    public const string RequestKeyHeader = "X-Request-Key";
    public const string VersionHeader = "X-Model-Version";
    public const string ChoiceHeader = "X-Model-Choice";
    private const int LongestKey = 256;
    internal static readonly JsonSerializerOptions Relaxed = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var prefix in (string[])["/models/{name}/", "/w/{workspace}/models/{name}/"])
        {
            void On(string method, string path, Func<HttpContext, WorkspaceServices, string, Task> handle) =>
                endpoints.MapMethods(
                    prefix + path,
                    [method],
                    http =>
                        GuardAsync(
                            http,
                            async () =>
                                await handle(
                                    http,
                                    await workspaces.OpenAsync(
                                        (string?)http.Request.RouteValues["workspace"] ?? Workspaces.DefaultName,
                                        Caller.Of(http),
                                        http.RequestAborted
                                    ),
                                    (string)http.Request.RouteValues["name"]!
                                )
                        )
                );

            On("POST", "invocations", InvokeAsync);
            On("GET", "ping", PingAsync);
            On("GET", "health", PingAsync);
            On("GET", "version", VersionAsync);
            On("GET", "stats", StatsAsync);
            On("POST", "feedback", FeedbackEndpoint.PostAsync);
            On("GET", "feedback", FeedbackEndpoint.ListAsync);
            On("GET", "quality", FeedbackEndpoint.QualityAsync);
        }
    }

    private static async Task InvokeAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        var server = workspace.Serving;
        var identity = server.Identify(KeyOf(http));
        http.Response.Headers[RequestIdHeader] = identity.RequestId;
        var form = ContentForms.Parse(http.Request.ContentType);
        var body = await RequestBody.ReadAsync(http, BodyLimits.Rows);
        var answer = await AnswerAsync(http, server, name, identity, form, body);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.WrittenCount;
        await http.Response.Body.WriteAsync(answer.WrittenMemory, http.RequestAborted);
    }

    /// <summary>The request is reported before its response is sent, so that a label for it finds it at once.</summary>
    private static async Task<ArrayBufferWriter<byte>> AnswerAsync(
        HttpContext http,
        ModelServer server,
        string name,
        RequestIdentity identity,
        ContentForm form,
        ReadOnlyMemory<byte> body
    )
    {
        using var call = await server.BeginAsync(name, QueryOf(http), identity, http.RequestAborted);
        Describe(http, call);
        ServingInput input;
        try
        {
            input =
                form == ContentForm.Json
                    ? InvocationJson.Read(body, call.Model)
                    : await InvocationTable.ReadAsync(body, form == ContentForm.Csv, call.Model, http.RequestAborted);
        }
        catch (ServerlessException e)
        {
            call.Reject(e.Code);
            throw;
        }

        return PredictionJson.Write(call.Predict(input), input);
    }

    /// <summary>A model is healthy if it can be loaded, as in MLflow's server.</summary>
    private static async Task PingAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        var server = workspace.Serving;
        using var call = await server.BeginAsync(name, QueryOf(http), server.Identify(KeyOf(http)), http.RequestAborted);
        Describe(http, call);
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync("\n", http.RequestAborted);
    }

    private static Task VersionAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(ServerlessApi.Version, http.RequestAborted);
    }

    private static async Task StatsAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        var server = workspace.Serving;
        var state = await server.FindAsync(name, http.RequestAborted);
        await ReplyAsync(
            http,
            new
            {
                model = state.Model.Name,
                versions = server.Stats.Of(state.Model.Id),
                log = server.LogStats(state.Model.Id),
                dropped_outcomes = server.DroppedOutcomes,
            }
        );
    }

    private static VersionQuery QueryOf(HttpContext http)
    {
        string? Value(string key) => http.Request.Query[key] is [{ Length: > 0 } value, ..] ? value : null;
        return http.Request.QueryString.HasValue ? new VersionQuery(Value("stage"), Value("alias"), Value("version")) : VersionQuery.None;
    }

    private static string? KeyOf(HttpContext http) =>
        http.Request.Headers[RequestKeyHeader].ToString() is { Length: > 0 } key
            ? key.Length <= LongestKey
                ? key
                : throw ServerlessException.Invalid($"{RequestKeyHeader} is longer than {LongestKey} characters.", "Send a digest of it.")
            : null;

    private static void Describe(HttpContext http, ServingCall call)
    {
        http.Response.Headers[VersionHeader] = call.Version.Version.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[ChoiceHeader] = call.Choice.Why;
    }

    internal static Task ReplyAsync<T>(HttpContext http, T value)
    {
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, value, Relaxed, http.RequestAborted);
    }

    internal static async Task GuardAsync(HttpContext http, Func<Task> handle)
    {
        try
        {
            RouteValueLimits.Check(http);
            await handle();
        }
        catch (ServerlessException e)
        {
            await FailAsync(http, e);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested) { }
        catch (BadHttpRequestException e)
        {
            await FailAsync(http, new ServerlessException(ErrorCodes.BadRequest, e.Message, status: e.StatusCode));
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(
                http,
                new ServerlessException(ErrorCodes.InternalError, $"The host failed: {e.GetType().Name}: {e.Message}", status: 500)
            );
        }
    }

    private static async Task FailAsync(HttpContext http, ServerlessException e)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = e.Status;
        if (e.IsRetryable)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        if (e.Status == StatusCodes.Status415UnsupportedMediaType)
        {
            http.Response.ContentType = "text/plain";
            await http.Response.WriteAsync(e.Message);
            return;
        }

        await ReplyAsync(http, new { error_code = e.Code, message = e.Fix is null ? e.Message : $"{e.Message} {e.Fix}" });
    }
}
