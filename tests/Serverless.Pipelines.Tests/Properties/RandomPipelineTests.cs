using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Properties;

/// <summary>A task runs if and only if all its upstream succeeded and its condition holds; both engines agree.</summary>
public sealed class RandomPipelineTests(AzuriteFixture azurite)
{
    public static TheoryData<int> Batches => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task Both_engines_do_what_the_rules_say(int batch)
    {
        var store = await azurite.OpenStoreAsync();
        await using var local = new LocalEngineUnderTest(store);
        await using var replay = new ReplayEngineUnderTest(store);
        for (var seed = batch * 10; seed < (batch + 1) * 10; seed++)
        {
            await CheckAsync(local, seed);
            await CheckAsync(replay, seed);
        }
    }

    private static async Task CheckAsync(IEngineUnderTest engine, int seed)
    {
        var world = new World();
        var pipeline = new RandomPipeline(seed, world);

        var run = await engine.RunAsync(pipeline.Pipeline, new ContractScript { Parallelism = 1 + (seed % 4) });

        Assert.True(
            pipeline.ExpectedStates == run.States,
            $"{engine.GetType().Name}, {pipeline}\nexpected {pipeline.ExpectedStates}\nbut got  {run.States}"
        );
        Assert.True(
            pipeline.ExpectedCalls == world.Calls,
            $"{engine.GetType().Name}, {pipeline}\nexpected {pipeline.ExpectedCalls}\nbut got  {world.Calls}"
        );
        Assert.Equal(pipeline.States.ContainsValue(TaskState.Failed) ? RunStatus.Failed : RunStatus.Finished, run.Status);
        Assert.InRange(world.Most, 0, 1 + (seed % 4));
    }
}
