using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Serverless.Pipelines.Components;

namespace Serverless.Pipelines.Tests.Engine;

/// <summary>What the components of a test did, by the test's own key; a static because components are made by the engine.</summary>
internal static class Trace
{
    public static ConcurrentDictionary<string, int> Calls { get; } = new();

    public static ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = new();

    public static TaskCompletionSource GateOf(string key) =>
        Gates.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

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
    public override Task<ComponentOutputs> RunAsync(
        NoopParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        Trace.Calls.AddOrUpdate(parameters.Key, 1, (_, n) => n + 1);
        return Task.FromResult(
            new ComponentOutputs
            {
                Values = new JsonObject { ["number"] = parameters.Number, ["path"] = context.TaskPath },
            }
        );
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
    public override Task<ComponentOutputs> RunAsync(
        FlakyParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
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
    public override async Task<ComponentOutputs> RunAsync(
        GateParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        Trace.Calls.AddOrUpdate(parameters.Key, 1, (_, n) => n + 1);
        var gate = Trace.GateOf(parameters.Key);
        await gate.Task.WaitAsync(cancellationToken);
        return ComponentOutputs.None;
    }
}

internal sealed class TroubledParameters
{
    /// <summary>What goes wrong, and with what.</summary>
    public required string How { get; init; }
}

[Component("test/troubled", Description = "Misbehaves as it is told.")]
internal sealed class Troubled : Component<TroubledParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        TroubledParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var (how, what) = parameters.How.Split(' ') is [var h, var w] ? (h, w) : (parameters.How, "");
        var gate = Trace.GateOf(what);
        switch (how)
        {
            case "throw":
                throw new InvalidOperationException("it was " + Environment.GetEnvironmentVariable(what));
            case "give":
                return new ComponentOutputs { Values = new JsonObject { ["found"] = "it is " + Environment.GetEnvironmentVariable(what) } };
            case "give-up":
                throw new TaskCanceledException("the server did not answer");
            case "talk":
                context.Log.WriteLine("I am here");
                await gate.Task.WaitAsync(cancellationToken);
                break;
            case "deaf":
                await gate.Task;
                break;
        }

        return ComponentOutputs.None;
    }
}

internal sealed class FolderParameters
{
    public required InputPath Folder { get; init; }
}

[Component("test/folder", Description = "Tells what is in a folder.")]
internal sealed class FolderReader : Component<FolderParameters>
{
    public override Task<ComponentOutputs> RunAsync(
        FolderParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var files = Directory
            .GetFiles(parameters.Folder.Path, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(parameters.Folder.Path, f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
        return Task.FromResult(
            new ComponentOutputs
            {
                Values = new JsonObject { ["files"] = string.Join(' ', files), ["digest"] = parameters.Folder.Digest },
            }
        );
    }
}
