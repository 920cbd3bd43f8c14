namespace Serverless.Pipelines;

/// <summary>What a task waits for: the tasks that its bindings, its condition and its `DependsOn` name.</summary>
internal static class TaskDependencies
{
    public static IReadOnlySet<string> Of(TaskSpec task, IReadOnlyCollection<string> tasks)
    {
        var names = new SortedSet<string>(task.DependsOn, StringComparer.Ordinal);
        foreach (var binding in task.Parameters.Values.Append(task.Loop?.Items))
        {
            if (binding is ParameterBinding.TaskOutput output)
            {
                names.Add(output.Task);
            }
            else if (binding is ParameterBinding.TaskStatus status)
            {
                names.Add(status.Task);
            }
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
}
