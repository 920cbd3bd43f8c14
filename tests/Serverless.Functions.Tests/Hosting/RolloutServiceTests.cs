using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Api.Hosting;
using Serverless.Functions.Automation;
using Serverless.Functions.Tests.Durable;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Training.Promotion;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>What an instance that answers for models does by itself, between two ticks.</summary>
public sealed class RolloutServiceTests(AzuriteFixture azurite)
{
    private const string Row = """{"dataframe_records": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}]}""";

    [Fact]
    public async Task It_writes_what_was_counted_takes_a_broken_version_back_sends_the_alert_and_stops()
    {
        var store = await azurite.OpenStoreAsync();
        await using var workspaces = new Workspaces(
            store,
            TimeProvider.System,
            new Api.Hosting.ApiOptions { AllowsPrivateAlertTargets = true }
        );
        await using var hook = await Webhook.StartAsync();
        await using var app = await FunctionsApp.StartAsync(workspaces, new DurableWorld(_ => throw new NotSupportedException()));
        var here = workspaces.Get(store.Workspace);
        await RegisterAsync(here);
        using var service = new RolloutService(workspaces, NullLogger<RolloutService>.Instance) { Idle = TimeSpan.FromSeconds(1) };
        await service.StartAsync(CancellationToken.None);
        var rollout = await here.Rollouts.StartAsync(
            new RolloutRequest
            {
                Model = "buys",
                Version = 2,
                Plan = new RolloutPlan
                {
                    Steps = [new() { Traffic = 0.5 }, new() { Traffic = 1 }],
                    Breaker = new BreakerRule { ErrorRate = 0.4, Last = 5 },
                },
                Alerts = [new AlertTarget { Webhook = hook.Address, On = ["rollout.rolled_back"] }],
                By = new Actor("alice"),
            }
        );

        for (var i = 0; i < 60; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"w/{store.Workspace}/models/buys/invocations")
            {
                Content = new StringContent(Row, System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("X-Request-Key", $"caller-{i}");
            using var answer = await app.Client.SendAsync(request);
        }

        await Eventually.HoldsAsync(
            async () => (await here.Rollouts.Rollouts.GetLatestAsync("buys")).State == RolloutState.RolledBack,
            () => "the version is taken back"
        );
        await Eventually.HoldsAsync(() => !hook.All.IsEmpty, () => "the alert is sent");
        await Eventually.HoldsAsync(
            async () => (await here.Rollouts.Rollouts.CountsAsync(rollout.Id)).Of(1).Challenger.Requests >= 5,
            () => "the counts are written"
        );
        await service.StopAsync(CancellationToken.None);

        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal("rollout.rolled_back", Assert.Single(hook.All).Event);
    }

    /// <summary>Two versions of a model, of which the second cannot be loaded.</summary>
    private static async Task RegisterAsync(WorkspaceServices here)
    {
        using var folder = new TestFolder();
        var model = await TrainedModel.OfCustomersAsync(folder);
        await here.Models.RegisterAsync(
            new RegisterRequest
            {
                Name = "buys",
                ModelDirectory = model,
                RequestId = "1",
            }
        );
        await here.Models.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "buys",
                Version = 1,
                Stage = Stage.Production,
                By = "alice",
            }
        );
        foreach (var file in Directory.EnumerateFiles(model, "*.zip"))
        {
            await File.WriteAllTextAsync(file, "this is no model");
        }

        await here.Models.RegisterAsync(
            new RegisterRequest
            {
                Name = "buys",
                ModelDirectory = model,
                RequestId = "2",
            }
        );
    }
}
