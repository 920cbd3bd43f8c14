using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace Serverless.Pipelines.Tests;

/// <summary>What the components of a test did, by the test's own key; a static because components are made by the engine.</summary>
internal static class Trace
{
    public static ConcurrentDictionary<string, int> Calls { get; } = new();

    public static ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = new();

    public static int Count(string key) => Calls.GetValueOrDefault(key);
}

internal sealed class NoopParameters
{
    public string Key { get; init; } = "";

    public int Number { get; init; }

    public string? After { get; init; }
}

[Component("test/noop", Description = "Does nothing, and says how often.")]
internal sealed class Noop : Component<NoopParameters>
{
    public override Task<ComponentOutputs> RunAsync(NoopParameters parameters, ComponentContext context, CancellationToken cancellationToken)
    {
        Trace.Calls.AddOrUpdate(parameters.Key, 1, (_, n) => n + 1);
        return Task.FromResult(new ComponentOutputs { Values = new JsonObject { ["number"] = parameters.Number, ["path"] = context.TaskPath } });
    }
}

internal sealed class FlakyParameters
{
    public required string Key { get; init; }

    [Range(0, 100)]
    public int Failures { get; init; } = 1;

    public OutputPath? Out { get; init; }
}

[Component("test/flaky", Description = "Fails so many times, then succeeds.")]
internal sealed class Flaky : Component<FlakyParameters>
{
    public override Task<ComponentOutputs> RunAsync(FlakyParameters parameters, ComponentContext context, CancellationToken cancellationToken)
    {
        var call = Trace.Calls.AddOrUpdate(parameters.Key, 1, (_, n) => n + 1);
        context.Log.WriteLine($"call {call}");
        if (call <= parameters.Failures)
        {
            throw new InvalidOperationException($"failure {call}");
        }

        if (parameters.Out is { } output)
        {
            File.WriteAllText(output.Path, "done");
        }

        return Task.FromResult(ComponentOutputs.None);
    }
}

internal sealed class GateParameters
{
    public required string Key { get; init; }
}

[Component("test/gate", Description = "Waits until the test opens its gate.")]
internal sealed class Gate : Component<GateParameters>
{
    public override async Task<ComponentOutputs> RunAsync(GateParameters parameters, ComponentContext context, CancellationToken cancellationToken)
    {
        Trace.Calls.AddOrUpdate(parameters.Key, 1, (_, n) => n + 1);
        var gate = Trace.Gates.GetOrAdd(parameters.Key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await gate.Task.WaitAsync(cancellationToken);
        return ComponentOutputs.None;
    }
}
