using Serverless.Pipelines.Model;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>What every engine must do. Derive each suite for an engine, and it is held against all of it.</summary>
public abstract class PipelineContract(AzuriteFixture azurite) : IAsyncLifetime
{
    private IEngineUnderTest engine = null!;

    internal World World { get; } = new();

    internal Build Build => new(World);

    public async ValueTask InitializeAsync() => engine = NewEngine(await azurite.OpenStoreAsync());

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    internal abstract IEngineUnderTest NewEngine(Storage.Store store);

    internal Task<ContractRun> RunAsync(PipelineSpec pipeline, ContractScript? script = null) =>
        engine.RunAsync(pipeline, script ?? new ContractScript());

    internal Task<ContractRun> RunAsync(params TaskSpec[] tasks) => RunAsync(Build.Pipeline(tasks));

    internal static void Ended(ContractRun run, RunStatus status, string states)
    {
        Assert.Equal(ContractRun.Sorted(states.Split(' ')), run.States);
        Assert.Equal(status, run.Status);
    }
}
