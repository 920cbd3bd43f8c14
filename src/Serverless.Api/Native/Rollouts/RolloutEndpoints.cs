using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Api.Native.Serving;
using Serverless.Core;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Training.Promotion;

namespace Serverless.Api.Native.Rollouts;

/// <summary>
/// `/models/{name}/rollout`: the state and control of a rollout. `GET …/rollouts` lists the rollouts of a model, `GET /alerts` the sent and
/// failed alerts.
/// </summary>
internal static class RolloutEndpoints
{
    private const int LongestBody = 64 * 1024;

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var prefix in (string[])["", "/w/{workspace}"])
        {
            void On(string method, string path, Func<Call, Task<object>> handle) =>
                endpoints.MapMethods(
                    prefix + path,
                    [method],
                    http =>
                        ServingEndpoints.GuardAsync(
                            http,
                            async () =>
                            {
                                var caller = Caller.Of(http);
                                var workspace = await workspaces.OpenAsync(
                                    (string?)http.Request.RouteValues["workspace"] ?? Workspaces.DefaultName,
                                    caller,
                                    http.RequestAborted
                                );
                                var call = new Call(
                                    workspace,
                                    (string?)http.Request.RouteValues["name"] ?? "",
                                    caller,
                                    await BodyAsync(http),
                                    http.RequestAborted
                                );
                                var answer = await handle(call);
                                http.Response.ContentType = "application/json";
                                await JsonSerializer.SerializeAsync(http.Response.Body, answer, RolloutView.Json, http.RequestAborted);
                            }
                        )
                );

            void Do(string verb, Func<RolloutSteering, Call, Task<Rollout>> act) =>
                On(
                    "POST",
                    $"/models/{{name}}/rollout/{verb}",
                    async call =>
                    {
                        await act(call.Rollouts.Steering, call);
                        return await call.Rollouts.ShowAsync(call.Model, call.Stopped);
                    }
                );

            On("GET", "/models/{name}/rollout", async call => await call.Rollouts.ShowAsync(call.Model, call.Stopped));
            On("GET", "/models/{name}/rollouts", ListAsync);
            On("POST", "/models/{name}/rollout", StartAsync);
            On("GET", "/alerts", AlertsAsync);
            Do("pause", (steering, call) => steering.PauseAsync(call.Model, call.By, call.Body.Why, call.Stopped));
            Do("resume", (steering, call) => steering.ResumeAsync(call.Model, call.By, call.Body.Why, call.Stopped));
            Do("abort", (steering, call) => steering.AbortAsync(call.Model, call.By, call.Body.Why, call.Stopped));
            Do("promote", (steering, call) => steering.PromoteAsync(call.Model, call.By, call.Body.Why, call.Stopped));
            Do("rollback", (steering, call) => steering.RollBackAsync(call.Model, call.By, call.Body.Why, call.Stopped));
            Do(
                "approve",
                (steering, call) =>
                    steering.ApproveAsync(call.Model, call.By, call.Body.Role, call.Body.Approve ?? true, call.Body.Why, call.Stopped)
            );
        }
    }

    private static async Task<object> StartAsync(Call call)
    {
        var body = call.Body;
        await call.Rollouts.StartAsync(
            new RolloutRequest
            {
                Model = call.Model,
                Version =
                    body.Version
                    ?? throw ServerlessException.Invalid(
                        "The version is missing.",
                        """Send {"version": 2}, with "plan" and "alerts" as in a policy."""
                    ),
                Plan = body.Plan ?? new RolloutPlan(),
                Alerts = body.Alerts,
                Approval = body.Approval,
                By = call.By,
                Why = body.Why,
            },
            call.Stopped
        );
        return await call.Rollouts.ShowAsync(call.Model, call.Stopped);
    }

    private static async Task<object> ListAsync(Call call)
    {
        var views = new List<RolloutView>();
        foreach (var rollout in await call.Rollouts.Rollouts.ListAsync(call.Model, call.Stopped))
        {
            views.Add(RolloutView.Of(rollout, null, new RolloutCounts([])));
        }

        return new { Rollouts = views };
    }

    private static async Task<object> AlertsAsync(Call call)
    {
        var outbox = call.Rollouts.Outbox;
        return new
        {
            Pending = (await outbox.ListPendingAsync(call.Stopped)).Select(Shown),
            Ended = (await outbox.ListEndedAsync(cancellationToken: call.Stopped)).Select(Shown),
        };

        static object Shown(AlertDelivery delivery) =>
            new
            {
                delivery.Alert.Id,
                delivery.Alert.Event,
                delivery.Alert.Time,
                delivery.Alert.Text,
                Target = delivery.Target.Shown,
                delivery.Attempts,
                delivery.DeliveredAt,
                delivery.Error,
            };
    }

    private static async Task<Body> BodyAsync(HttpContext http)
    {
        if (HttpMethods.IsGet(http.Request.Method))
        {
            return new Body();
        }

        using var text = new MemoryStream();
        var buffer = new byte[8192];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0; )
        {
            text.Write(buffer, 0, read);
            if (text.Length > LongestBody)
            {
                throw new ServerlessException(
                    ErrorCodes.BadRequest,
                    $"The body is longer than {LongestBody / 1024} KiB.",
                    "Send only the rollout.",
                    StatusCodes.Status413PayloadTooLarge
                );
            }
        }

        if (text.Length == 0)
        {
            return new Body();
        }

        try
        {
            using var json = JsonDocument.Parse(text.GetBuffer().AsMemory(0, (int)text.Length));
            return PlanJson.Read<Body>(json.RootElement, "body");
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid($"The body is not valid JSON: {e.Message}", """Send {"why": "…"}, or an empty body.""");
        }
    }

    private sealed record Call(WorkspaceServices Workspace, string Model, Actor By, Body Body, CancellationToken Stopped)
    {
        public RolloutController Rollouts => Workspace.Rollouts;
    }

    private sealed record Body
    {
        public int? Version { get; init; }

        public string? Why { get; init; }

        /// <summary>An approval: the role, and whether it is approved.</summary>
        public string? Role { get; init; }

        public bool? Approve { get; init; }

        public RolloutPlan? Plan { get; init; }

        public ApprovalRule? Approval { get; init; }

        public IReadOnlyList<AlertTarget> Alerts { get; init; } = [];
    }
}
