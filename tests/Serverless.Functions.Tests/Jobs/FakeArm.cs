using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Pipelines.Jobs;

namespace Serverless.Functions.Tests.Jobs;

/// <summary>An execution that the fake platform runs.</summary>
internal sealed class FakeExecution(string name, JsonNode template)
{
    public string Name => name;

    public JsonNode Template => template;

    public string Status { get; set; } = "Running";

    public CancellationTokenSource Stopped { get; } = new();

    public JsonNode Container => template["containers"]![0]!;

    public IReadOnlyList<string> Command => [.. Container["command"]!.AsArray().Select(c => (string)c!)];

    public IReadOnlyDictionary<string, string?> Environment =>
        Container["env"]!.AsArray().ToDictionary(v => (string)v!["name"]!, v => (string?)v!["value"]);
}

/// <summary>Azure Resource Manager as far as container jobs need it: it answers in its shapes, and fails as it is told.</summary>
internal sealed class FakeArm : IAsyncDisposable
{
    public const string JobId = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ml/providers/Microsoft.App/jobs/train";

    private readonly WebApplication app;

    private FakeArm(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public ConcurrentQueue<FakeExecution> Executions { get; } = new();

    /// <summary>What the container does; the execution's status is what it answers.</summary>
    public Func<FakeExecution, Task<string>> Run { get; set; } = _ => Task.FromResult("Succeeded");

    /// <summary>Told of each container that runs, so that somebody may wait for it.</summary>
    public Action<Task> Started { get; set; } = _ => { };

    /// <summary>The next answers to a start: 202, 409, 429, 500 (before it begins), -500 (after it has begun).</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    public string? Profile { get; set; } = "Consumption";

    public int StartRequests { get; private set; }

    public List<string> Stops { get; } = [];

    public static async Task<FakeArm> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var arm = new FakeArm(app);
        app.Use(
            async (http, next) =>
            {
                Assert.Equal("Bearer test", http.Request.Headers.Authorization.ToString());
                await next();
            }
        );
        app.MapGet(JobId, () => Results.Text(arm.Job().ToJsonString(), "application/json"));
        app.MapPost(JobId + "/start", arm.BeginAsync);
        app.MapGet(
            "/operations/{name}",
            (string name) =>
                Results.Text(new JsonObject { ["name"] = name, ["id"] = JobId + "/executions/" + name }.ToJsonString(), "application/json")
        );
        app.MapGet(
            JobId + "/executions",
            () =>
                Results.Text(
                    new JsonObject { ["value"] = new JsonArray([.. arm.Executions.Select(Show)]) }.ToJsonString(),
                    "application/json"
                )
        );
        app.MapGet(
            JobId + "/executions/{name}",
            (string name) =>
                arm.Executions.FirstOrDefault(e => e.Name == name) is { } found
                    ? Results.Text(Show(found).ToJsonString(), "application/json")
                    : Results.NotFound()
        );
        app.MapPost(
            JobId + "/executions/{name}/stop",
            async (string name) =>
            {
                var found = arm.Executions.First(e => e.Name == name);
                lock (arm.Stops)
                {
                    arm.Stops.Add(name);
                }

                found.Status = "Stopped";
                await found.Stopped.CancelAsync();
                return Results.Accepted();
            }
        );
        await app.StartAsync();
        return arm;
    }

    public static HttpPipelinePolicy NewToken() => new Token();

    public JobClient Client() => new(Address, new Token(), TimeProvider.System, TimeSpan.FromMilliseconds(10));

    public ContainerJobs Jobs(TimeSpan? deadline = null, int restarts = 2) =>
        new(
            new ContainerJobOptions
            {
                JobId = JobId,
                Endpoint = Address,
                Container = "task",
                Restarts = restarts,
                StartDeadline = deadline ?? TimeSpan.FromMinutes(20),
            },
            Client(),
            TimeProvider.System
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var execution in Executions)
        {
            await execution.Stopped.CancelAsync();
        }

        await app.DisposeAsync();
    }

    private static JsonObject Show(FakeExecution execution) =>
        new()
        {
            ["name"] = execution.Name,
            ["id"] = JobId + "/executions/" + execution.Name,
            ["properties"] = new JsonObject { ["status"] = execution.Status, ["template"] = execution.Template.DeepClone() },
        };

    private JsonObject Job() =>
        new()
        {
            ["id"] = JobId,
            ["name"] = "train",
            ["properties"] = new JsonObject
            {
                ["workloadProfileName"] = Profile,
                ["template"] = JsonNode.Parse(
                    """
                    {
                      "containers": [
                        {
                          "name": "task", "image": "registry/platform:1", "command": ["sleep"], "args": ["1"],
                          "env": [
                            { "name": "KEPT", "value": "yes" },
                            { "name": "MLOPS_WORKSPACE", "value": "of the template" },
                            { "name": "SECRET", "secretRef": "kept" }
                          ],
                          "resources": { "cpu": 1, "memory": "2Gi", "ephemeralStorage": "4Gi" },
                          "volumeMounts": [ { "volumeName": "v", "mountPath": "/v" } ]
                        },
                        { "name": "proxy", "image": "registry/proxy:1", "resources": { "cpu": 0.25, "memory": "0.5Gi" } }
                      ],
                      "volumes": [ { "name": "v", "storageType": "EmptyDir" } ]
                    }
                    """
                ),
            },
        };

    private async Task<IResult> BeginAsync(HttpRequest request)
    {
        StartRequests++;
        var answer = Answers.TryDequeue(out var told) ? told : 200;
        if (answer is 409 or 429 or 500)
        {
            request.HttpContext.Response.Headers.RetryAfter = "0";
            return Results.Text("""{"error":{"code":"Busy","message":"try again"}}""", "application/json", statusCode: answer);
        }

        var execution = new FakeExecution(
            string.Create(CultureInfo.InvariantCulture, $"train-{Executions.Count}"),
            (await JsonNode.ParseAsync(request.Body))!
        );
        Executions.Enqueue(execution);
        Started(
            Task.Run(async () =>
            {
                string status;
                try
                {
                    status = await Run(execution);
                }
                catch (OperationCanceledException)
                {
                    status = "Stopped";
                }

                execution.Status = execution.Stopped.IsCancellationRequested ? "Stopped" : status;
            })
        );
        if (answer == -500)
        {
            return Results.StatusCode(500);
        }

        if (answer == 202)
        {
            request.HttpContext.Response.Headers.RetryAfter = "0";
            request.HttpContext.Response.Headers.Location = new Uri(Address, "/operations/" + execution.Name).ToString();
            return Results.StatusCode(202);
        }

        return Results.Text(
            new JsonObject { ["name"] = execution.Name, ["id"] = JobId + "/executions/" + execution.Name }.ToJsonString(),
            "application/json"
        );
    }

    private sealed class Token : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message) => message.Request.Headers.SetValue("Authorization", "Bearer test");
    }
}
