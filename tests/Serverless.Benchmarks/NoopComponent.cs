using Serverless.Pipelines.Components;

namespace Serverless.Benchmarks;

internal sealed class NoopParameters
{
    public int Number { get; init; }

    public string? After { get; init; }
}

[Component("bench/noop", Description = "Does nothing: what is left is the engine's own cost.")]
internal sealed class NoopComponent : Component<NoopParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        NoopParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => Task.FromResult(new ComponentOutputs { Values = new() { ["path"] = context.TaskPath } });
}

[Component("bench/wait", Description = "Waits a second: 500 of them tell whether they run at the same time.")]
internal sealed class WaitComponent : Component<NoopParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        NoopParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        return ComponentOutputs.None;
    }
}
