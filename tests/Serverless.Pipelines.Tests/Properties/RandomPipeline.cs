using System.Globalization;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Contract;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Properties;

/// <summary>A pipeline made by chance from a seed, and what must become of it, computed in the plainest way.</summary>
internal sealed class RandomPipeline
{
    private readonly List<Node> nodes = [];

    public RandomPipeline(int seed, World world)
    {
        Seed = seed;
        var random = new Random(seed);
        var build = new Build(world);
        var count = random.Next(3, 13);
        for (var i = 0; i < count; i++)
        {
            nodes.Add(Make(random, i));
        }

        Pipeline = Build.Pipeline([.. nodes.Select(n => Spec(build, n)).OrderBy(_ => random.Next())]);
        foreach (var node in nodes.Where(n => !n.IsLast).Concat(nodes.Where(n => n.IsLast)))
        {
            States[node.Name] = Expect(node);
            Calls[node.Name] = States[node.Name] switch
            {
                TaskState.Succeeded => node.Failures + 1,
                TaskState.Failed when !FailsUnrun(node) => node.Attempts,
                _ => 0,
            };
        }
    }

    public int Seed { get; }

    public PipelineSpec Pipeline { get; }

    public Dictionary<string, TaskState> States { get; } = new(StringComparer.Ordinal);

    /// <summary>How often each task runs in a run without a crash.</summary>
    public Dictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    public string ExpectedStates => ContractRun.Sorted(States.Select(s => $"{s.Key}:{s.Value}"));

    public string ExpectedCalls =>
        string.Join(
            ' ',
            Calls
                .Where(c => c.Value > 0)
                .OrderBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key}:{c.Value}"))
        );

    public override string ToString() => $"seed {Seed}: " + string.Join("; ", nodes);

    private Node Make(Random random, int i)
    {
        var isLast = i > 1 && random.Next(8) == 0;
        var earlier = nodes.Where(n => isLast || !n.IsLast).OrderBy(_ => random.Next()).Take(random.Next(4)).ToList();
        var failures = random.Next(4) == 0 ? random.Next(1, 4) : 0;
        return new Node(
            $"t{i:D2}",
            [.. earlier.Select(n => n.Name)],
            Value: random.Next(10),
            Failures: failures,
            Attempts: random.Next(3) == 0 ? 2 : 1,
            Above: earlier.Count > 0 && random.Next(3) == 0 ? random.Next(7) : null,
            IsTolerant: random.Next(7) == 0,
            IsLast: isLast
        );
    }

    private static TaskSpec Spec(Build build, Node node)
    {
        var task = build.Step(node.Name, [.. node.After]).With("value", node.Value).With("fail", node.Failures).Retry(node.Attempts);
        task = task with { IgnoreUpstreamFailure = node.IsTolerant, Finally = node.IsLast };
        return node.Above is { } bound ? task.With("other", From(node.After[0])).When($"{node.After[0]}.value > {bound}") : task;
    }

    private TaskState Expect(Node node)
    {
        if (!node.IsTolerant && !node.IsLast && node.After.Any(a => States[a] != TaskState.Succeeded))
        {
            return TaskState.Skipped;
        }

        if (node.Above is { } bound)
        {
            var asked = nodes.Single(n => n.Name == node.After[0]);
            if (States[asked.Name] != TaskState.Succeeded)
            {
                // The condition asks for a value that nobody gave out.
                return TaskState.Failed;
            }

            if (asked.Value <= bound)
            {
                return TaskState.Skipped;
            }
        }

        return node.Failures < node.Attempts ? TaskState.Succeeded : TaskState.Failed;
    }

    /// <summary>True if the task fails before anything of it runs.</summary>
    private bool FailsUnrun(Node node) => node.Above is not null && States[node.After[0]] != TaskState.Succeeded;

    private sealed record Node(
        string Name,
        IReadOnlyList<string> After,
        int Value,
        int Failures,
        int Attempts,
        int? Above,
        bool IsTolerant,
        bool IsLast
    )
    {
        public override string ToString() =>
            $"{Name}({string.Join(',', After)}) fails "
            + $"{Failures}/{Attempts}{(Above is { } a ? $" if > {a}" : "")}{(IsTolerant ? " tolerant" : "")}{(IsLast ? " last" : "")}";
    }
}
