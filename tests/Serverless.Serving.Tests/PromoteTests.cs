using Serverless.Pipelines.Components;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Training.Components.Register;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Tests;

/// <summary>`promote` in a pipeline, with a rollout and an approval.</summary>
public sealed class PromoteTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    public async Task With_a_rollout_the_version_is_on_its_way_and_the_task_holds_as_long_as_it_is_remembered()
    {
        var bench = await Bench.OpenAsync(azurite);
        var parameters = Parameters() with { Rollout = new RolloutPlan() };

        var outputs = await RunAsync(bench, parameters);

        var rollout = await bench.Controller.Rollouts.GetLatestAsync(Bench.Model);
        Assert.Equal((RolloutState.Running, "pipeline churn, run r1", "it is better"), (rollout.State, rollout.By, rollout.Why));
        Assert.Equal(
            ("Staging", rollout.Id, 1),
            ((string?)outputs.Values["stage"], (string?)outputs.Values["rollout"], (int?)outputs.Values["previous"])
        );
        Assert.Equal(Stage.Production, await bench.StageOfAsync(1));
        Assert.True(await HoldsAsync(bench, parameters, outputs));

        // A repeated task finds the same rollout.
        Assert.Equal(rollout.Id, (string?)(await RunAsync(bench, parameters)).Values["rollout"]);

        // Taken back, the same run does not ask again.
        await bench.Controller.Steering.RollBackAsync(Bench.Model, Bench.Alice, null);
        Assert.True(await HoldsAsync(bench, parameters, outputs));
        Assert.Single(await bench.Controller.Rollouts.ListAsync(Bench.Model));
    }

    [Fact]
    public async Task With_an_approval_alone_a_yes_promotes_at_once()
    {
        var bench = await Bench.OpenAsync(azurite);
        await RunAsync(bench, Parameters() with { Approval = new ApprovalRule { Role = "owner" } });
        Assert.Equal(RolloutState.WaitingForApproval, (await bench.Controller.Rollouts.GetLatestAsync(Bench.Model)).State);

        await bench.Controller.Steering.ApproveAsync(Bench.Model, Bench.Alice, "owner", true, null);

        Assert.Equal((Stage.Archived, Stage.Production), (await bench.StageOfAsync(1), await bench.StageOfAsync(2)));
    }

    [Fact]
    public async Task Without_both_and_without_a_champion_the_version_goes_to_Production()
    {
        var plain = await Bench.OpenAsync(azurite);
        Assert.Equal("Production", (string?)(await RunAsync(plain, Parameters())).Values["stage"]);
        Assert.Equal(Stage.Production, await plain.StageOfAsync(2));

        var first = await Bench.OpenAsync(azurite, hasChampion: false);
        Assert.Equal(
            "Production",
            (string?)(await RunAsync(first, Parameters(comparedWith: null) with { Rollout = new RolloutPlan() })).Values["stage"]
        );
        Assert.Equal(Stage.Production, await first.StageOfAsync(2));
    }

    public void Dispose() => folder.Dispose();

    private PromoteParametersForTest Parameters(int? comparedWith = 1)
    {
        var path = folder.At("registration.json");
        new Registration(Bench.Model, 2, "", "it is better", comparedWith, true).Write(path);
        return new PromoteParametersForTest(new InputPath(path, "registration.json", ""));
    }

    private Task<ComponentOutputs> RunAsync(Bench bench, PromoteParametersForTest parameters) =>
        new PromoteComponent().RunAsync(parameters.ToParameters(), Context(bench), default);

    private Task<bool> HoldsAsync(Bench bench, PromoteParametersForTest parameters, ComponentOutputs outputs) =>
        new PromoteComponent().StillHoldsAsync(parameters.ToParameters(), outputs, Context(bench), default);

    private ComponentContext Context(Bench bench) =>
        new()
        {
            Workspace = "default",
            RunId = "r1",
            ExperimentId = "0",
            Pipeline = "churn",
            TaskPath = "promote",
            ScratchDirectory = folder.Root,
            Log = TextWriter.Null,
            Time = bench.Time,
            Services = new Services(bench),
        };

    private sealed record PromoteParametersForTest(InputPath Registration)
    {
        public RolloutPlan? Rollout { get; init; }

        public ApprovalRule? Approval { get; init; }

        public PromoteParameters ToParameters() =>
            new()
            {
                Registration = Registration,
                Rollout = Rollout,
                Approval = Approval,
            };
    }

    private sealed class Services(Bench bench) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelRegistry) ? bench.Registry
            : serviceType == typeof(IRolloutStarter) ? bench.Controller
            : null;
    }
}
