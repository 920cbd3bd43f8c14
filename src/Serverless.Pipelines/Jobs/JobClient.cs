using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Core;
using Serverless.Storage;

namespace Serverless.Pipelines.Jobs;

/// <summary>An execution as the platform reports it.</summary>
/// <param name="Status">Running, Processing, Stopped, Degraded, Failed, Unknown or Succeeded.</param>
internal sealed record JobExecution(string Name, string Status)
{
    public bool IsOver => Status is "Succeeded" or "Failed" or "Stopped" or "Degraded";
}

/// <summary>Starts, finds and stops executions of a container job, over Azure Resource Manager.</summary>
internal sealed class JobClient
{
    /// <summary>The API version, from the REST reference of Microsoft.App/jobs.</summary>
    private const string Version = "2025-01-01";

    /// <summary>The maximum number of polls after an accepted start until it names its execution.</summary>
    private const int MaxPolls = 40;

    private readonly HttpPipeline pipeline;
    private readonly Uri endpoint;
    private readonly TimeProvider time;

    public JobClient(Uri endpoint, HttpPipelinePolicy authentication, TimeProvider time, TimeSpan? retryDelay = null)
    {
        this.endpoint = endpoint;
        this.time = time;
        var options = new Settings();
        options.Retry.MaxRetries = 5;
        options.Retry.Delay = retryDelay ?? TimeSpan.FromSeconds(1);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(30);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(60);
        options.Diagnostics.IsDistributedTracingEnabled = false;
        pipeline = HttpPipelineBuilder.Build(options, authentication);
    }

    public static JobClient Of(ContainerJobOptions options, TimeProvider time) =>
        new(
            options.Endpoint,
            new BearerTokenAuthenticationPolicy(StorageIdentity.Of(options.ClientId), new Uri(options.Endpoint, "/.default").ToString()),
            time
        );

    public async Task<JsonNode> GetJobAsync(string jobId, CancellationToken cancellationToken) =>
        await SendAsync(RequestMethod.Get, jobId, null, cancellationToken)
        ?? throw new ServerlessException(
            ErrorCodes.Environment,
            $"Container job {jobId} does not exist.",
            $"Fix {ContainerJobOptions.JobSetting}.",
            500
        );

    /// <summary>Starts an execution and returns its name. The caller determines whether a start without a response succeeded.</summary>
    public async Task<string> StartAsync(string jobId, JsonObject template, CancellationToken cancellationToken)
    {
        using var message = Message(RequestMethod.Post, Address(jobId + "/start"), template);
        message.ResponseClassifier = OnlyRefusals.Instance;
        await pipeline.SendAsync(message, cancellationToken);
        var response = message.Response;
        for (var poll = 0; response.Status == 202 && NameOf(response) is null && poll < MaxPolls; poll++)
        {
            var wait = response.Headers.TryGetValue("Retry-After", out var text) && int.TryParse(text, out var seconds) ? seconds : 5;
            var next = response.Headers.TryGetValue("Location", out var location)
                ? new Uri(location)
                : throw Fault(response, "did not return the location of its result");
            await Task.Delay(TimeSpan.FromSeconds(wait), time, cancellationToken);
            using var ask = Message(RequestMethod.Get, next, null);
            await pipeline.SendAsync(ask, cancellationToken);
            response = ask.Response;
        }

        return response.Status is 200 or 201 or 202 && NameOf(response) is { } name
            ? name
            : throw Fault(response, "did not start an execution");
    }

    /// <returns>Null if the execution does not exist (any more).</returns>
    public async Task<JobExecution?> FindAsync(string jobId, string execution, CancellationToken cancellationToken) =>
        await SendAsync(RequestMethod.Get, $"{jobId}/executions/{Uri.EscapeDataString(execution)}", null, cancellationToken) is { } found
            ? Read(found)
            : null;

    /// <summary>Returns the execution that was started with that variable, or null.</summary>
    public async Task<JobExecution?> FindAsync(string jobId, string variable, string value, CancellationToken cancellationToken)
    {
        for (var next = Address(jobId + "/executions"); next is not null; )
        {
            var page = await SendAsync(RequestMethod.Get, next, null, cancellationToken);
            foreach (var execution in page?["value"] as JsonArray ?? [])
            {
                if (JobTemplate.Has(execution?["properties"]?["template"], variable, value))
                {
                    return Read(execution!);
                }
            }

            next = (string?)page?["nextLink"] is { Length: > 0 } link ? new Uri(link) : null;
        }

        return null;
    }

    /// <summary>Stops an execution. Has no effect on one that has ended.</summary>
    public async Task StopAsync(string jobId, string execution, CancellationToken cancellationToken) =>
        await SendAsync(RequestMethod.Post, $"{jobId}/executions/{Uri.EscapeDataString(execution)}/stop", null, cancellationToken, 409);

    private static JobExecution Read(JsonNode execution) =>
        new((string)execution["name"]!, (string?)execution["properties"]?["status"] ?? (string?)execution["status"] ?? "Unknown");

    private static string? NameOf(Response response) =>
        response.ContentStream is { Length: > 0 } && JsonNode.Parse(response.Content.ToMemory().Span) is JsonObject body
            ? (string?)body["name"]
            : null;

    private Task<JsonNode?> SendAsync(
        RequestMethod method,
        string path,
        JsonNode? body,
        CancellationToken cancellationToken,
        int? tolerated = null
    ) => SendAsync(method, Address(path), body, cancellationToken, tolerated);

    private async Task<JsonNode?> SendAsync(
        RequestMethod method,
        Uri address,
        JsonNode? body,
        CancellationToken cancellationToken,
        int? tolerated = null
    )
    {
        using var message = Message(method, address, body);
        try
        {
            await pipeline.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw ServerlessException.Unavailable($"Azure Resource Manager does not answer: {e.Message.Split('\n', 2)[0]}", inner: e);
        }

        var response = message.Response;
        return response.Status == 404 || response.Status == tolerated ? null
            : response.IsError ? throw Fault(response, "refused a request")
            : response.ContentStream is { Length: > 0 } ? JsonNode.Parse(response.Content.ToMemory().Span)
            : null;
    }

    private HttpMessage Message(RequestMethod method, Uri address, JsonNode? body)
    {
        var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(address);
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(BinaryData.FromString(body.ToJsonString()));
        }

        return message;
    }

    private Uri Address(string path) => new(endpoint, $"{path}?api-version={Version}");

    private static ServerlessException Fault(Response response, string what)
    {
        var text = response.ContentStream is null ? "" : response.Content.ToString();
        return response.Status is 408 or 409 or 429 or >= 500
            ? ServerlessException.Unavailable($"The container job {what} ({response.Status}): {text}")
            : new ServerlessException(
                ErrorCodes.Environment,
                $"The container job {what} ({response.Status}): {text}",
                response.Status is 401 or 403
                    ? "Grant the app's identity permission to read the job and to start and stop its executions."
                    : null,
                500
            );
    }

    /// <summary>Retries a start only if it certainly did not happen: anything else might start the task twice.</summary>
    private sealed class OnlyRefusals : ResponseClassifier
    {
        public static OnlyRefusals Instance { get; } = new();

        public override bool IsRetriableResponse(HttpMessage message) => message.Response.Status == 429;

        public override bool IsRetriableException(Exception exception) => false;

        public override bool IsErrorResponse(HttpMessage message) => message.Response.Status >= 400;
    }

    private sealed class Settings : ClientOptions;
}
