using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Orchestration;

/// <summary>The tasks that a task waits for: those in its bindings, its condition and its `DependsOn`.</summary>
internal static class TaskDependencies
{
    public static IReadOnlySet<string> Of(TaskSpec task, IReadOnlyCollection<string> tasks)
    {
        var names = new SortedSet<string>(task.DependsOn, StringComparer.Ordinal);
        foreach (var binding in task.Parameters.Values.Append(task.Loop?.Items))
        {
            Add(names, binding);
        }

        foreach (var input in task.Inputs)
        {
            if (input.From is ArtifactBinding.TaskOutput output)
            {
                names.Add(output.Task);
            }
        }

        if (task.When is not null)
        {
            foreach (var reference in Condition.Parse(task.When, tasks).References)
            {
                if (reference.Task is { } name)
                {
                    names.Add(name);
                }
            }
        }

        return names;
    }

    /// <summary>Rejects cycles, and dependencies on tasks that run only at the end, which would hang the run.</summary>
    public static void Check(GraphSpec graph, IReadOnlyDictionary<string, IReadOnlySet<string>> upstream)
    {
        var tasks = graph.Tasks.ToDictionary(t => t.Name);
        var open = new Dictionary<string, int>();
        var waiting = tasks.Keys.ToDictionary(name => name, _ => new List<string>());
        foreach (var (name, needed) in upstream)
        {
            open[name] = needed.Count;
            foreach (var other in needed)
            {
                if (!tasks.TryGetValue(other, out var there))
                {
                    throw ServerlessException.Invalid(
                        $"'{name}' depends on '{other}', which is not a task of its graph.",
                        $"Tasks: {string.Join(", ", tasks.Keys)}."
                    );
                }

                if (there.Finally && !tasks[name].Finally)
                {
                    throw ServerlessException.Invalid(
                        $"'{name}' depends on '{other}', which runs only after all others have ended.",
                        "Make it a `finally` task too."
                    );
                }

                waiting[other].Add(name);
            }
        }

        var ready = new Queue<string>(open.Where(o => o.Value == 0).Select(o => o.Key));
        while (ready.TryDequeue(out var name))
        {
            open.Remove(name);
            foreach (var next in waiting[name])
            {
                if (--open[next] == 0)
                {
                    ready.Enqueue(next);
                }
            }
        }

        if (open.Count > 0)
        {
            throw ServerlessException.Invalid(
                $"These tasks depend on one another: {string.Join(", ", open.Keys.Order(StringComparer.Ordinal))}."
            );
        }
    }

    private static void Add(SortedSet<string> names, ParameterBinding? binding)
    {
        switch (binding)
        {
            case ParameterBinding.TaskOutput output:
                names.Add(output.Task);
                break;
            case ParameterBinding.TaskStatus status:
                names.Add(status.Task);
                break;
            case ParameterBinding.Concat concat:
                foreach (var part in concat.Parts)
                {
                    Add(names, part);
                }

                break;
        }
    }
}
