using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Components;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>What the steps of one test did: how often each ran, in which order, how many at a time.</summary>
internal sealed class World
{
    private static readonly ConcurrentDictionary<string, World> All = new();
    private readonly Lock gate = new();
    private readonly List<string> events = [];
    private readonly Dictionary<string, int> calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource> meetings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> together = new(StringComparer.Ordinal);
    private int running;

    public World() => All[Key] = this;

    public string Key { get; } = Ids.NewId();

    /// <summary>The most steps that ran at the same time.</summary>
    public int Most { get; private set; }

    /// <summary>`a:1 b:2`: how often each step ran.</summary>
    public string Calls
    {
        get
        {
            lock (gate)
            {
                return string.Join(' ', calls.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}:{c.Value}"));
            }
        }
    }

    public static World Of(string key) => All[key];

    public IReadOnlyDictionary<string, int> CallsByPath()
    {
        lock (gate)
        {
            return new Dictionary<string, int>(calls);
        }
    }

    /// <summary>True if the one had ended before the other started.</summary>
    public bool IsBefore(string first, string second)
    {
        lock (gate)
        {
            return events.IndexOf("end " + first) is >= 0 and var end && end < events.IndexOf("start " + second);
        }
    }

    public void Enter(string path)
    {
        lock (gate)
        {
            events.Add("start " + path);
            Most = Math.Max(Most, ++running);
            calls[path] = calls.GetValueOrDefault(path) + 1;
        }
    }

    public void Leave(string path)
    {
        lock (gate)
        {
            events.Add("end " + path);
            running--;
        }
    }

    /// <summary>Ends when so many steps wait here at the same time: proof that they run side by side.</summary>
    public Task MeetAsync(string place, int count)
    {
        lock (gate)
        {
            if (!meetings.TryGetValue(place, out var all) || all.Task.IsCompleted)
            {
                meetings[place] = all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                together[place] = 0;
            }

            if (++together[place] == count)
            {
                all.SetResult();
            }

            return all.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}

internal sealed class StepParameters
{
    public required string Key { get; init; }

    /// <summary>So many of its first attempts fail.</summary>
    public int Fail { get; init; }

    /// <summary>Waits until it is stopped.</summary>
    public bool Hang { get; init; }

    /// <summary>So many of its first attempts wait until they are stopped.</summary>
    public int Hangs { get; init; }

    /// <summary>Waits until so many steps do.</summary>
    public int Meet { get; init; }

    public JsonElement? Value { get; init; }

    public JsonElement? Other { get; init; }

    /// <summary>A file to write the value into.</summary>
    public OutputPath? Out { get; init; }

    /// <summary>A file, or a folder of files, whose text is given out.</summary>
    public InputPath? Read { get; init; }
}

[Component("contract/step", Description = "Does what a contract's test asks of it, and leaves a trace.")]
internal sealed class Step : Component<StepParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        StepParameters parameters,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var world = World.Of(parameters.Key);
        world.Enter(context.TaskPath);
        try
        {
            if (parameters.Meet > 0)
            {
                await world.MeetAsync(context.TaskPath.Split('[')[0], parameters.Meet);
            }

            if (parameters.Hang || context.Attempt <= parameters.Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, cancellationToken);
            }

            if (context.Attempt <= parameters.Fail)
            {
                throw ServerlessException.Invalid($"failure {context.Attempt}");
            }

            if (parameters.Out is { } file)
            {
                await File.WriteAllTextAsync(file.Path, parameters.Value?.ToString() ?? "", cancellationToken);
            }

            var values = new JsonObject();
            Add(values, "value", parameters.Value);
            Add(values, "other", parameters.Other);
            if (parameters.Read is { } read)
            {
                values["text"] =
                    File.Exists(read.Path) ? await File.ReadAllTextAsync(read.Path, cancellationToken)
                    : !Directory.Exists(read.Path) ? ""
                    : string.Join(',', Directory.GetFiles(read.Path).OrderBy(f => int.Parse(Path.GetFileName(f))).Select(File.ReadAllText));
            }

            return new ComponentOutputs { Values = values };
        }
        finally
        {
            world.Leave(context.TaskPath);
        }
    }

    private static void Add(JsonObject values, string name, JsonElement? value)
    {
        if (value is { } given)
        {
            values[name] = JsonNode.Parse(given.GetRawText());
        }
    }
}
