using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Pipelines;

/// <summary>Finds the values and artifacts that a task's bindings point to.</summary>
internal sealed class BindingResolver(PipelineOrchestrator run, GraphRun graph, TaskSpec task)
{
    public bool Holds(string condition, JsonElement? item) => Condition.Parse(condition, graph.TaskNames).Evaluate(reference =>
        reference.Task is { } name
            ? graph.EndOf(name)?.Find(reference.Name)
            : ParameterOf(reference.Name) ?? (reference.Name == "item" ? item : null));

    public IReadOnlyDictionary<string, JsonElement> Parameters(JsonElement? item)
    {
        var values = new Dictionary<string, JsonElement>();
        foreach (var (name, binding) in task.Parameters)
        {
            // A value that is not there is not sent: the component's own default holds.
            if (Value(binding, item) is { } value)
            {
                values[name] = value;
            }
        }

        return values;
    }

    public JsonElement? Value(ParameterBinding binding, JsonElement? item)
    {
        var value = binding switch
        {
            ParameterBinding.Constant constant => constant.Value,
            ParameterBinding.Item => item,
            ParameterBinding.GraphInput input => ParameterOf(input.Name),
            ParameterBinding.TaskStatus status => StatusOf(status.Task),
            ParameterBinding.TaskOutput output => OutputOf(output),
            _ => throw new InvalidOperationException($"Binding {binding.GetType().Name} is not known."),
        };
        return value is { } found && binding.Selector is { } selector ? JsonPath.Find(found, selector) : value;
    }

    public IReadOnlyList<StagedInput> Inputs(string instance)
    {
        var staged = new List<StagedInput>();
        foreach (var input in task.Inputs)
        {
            if (ArtifactOf(input.From) is { } content)
            {
                var inside = (input.From as ArtifactBinding.TaskOutput)?.SubPath;
                staged.Add(new StagedInput(input.Path, content, input.InCacheKey, inside));
            }
            else if (!input.IsOptional && !task.Finally)
            {
                throw ServerlessException.Invalid($"'{instance}' needs '{input.Path}', which no earlier task has written.");
            }
        }

        return staged;
    }

    private JsonElement? ParameterOf(string path) => JsonPath.Find(
        name => graph.Inputs.Parameters.TryGetValue(name, out var value) ? value : null, path);

    private JsonElement? StatusOf(string name) => graph.EndOf(name) is { } end
        ? JsonSerializer.SerializeToElement(new { state = end.State.ToString(), error = end.Error?.Message }, StorageJson.Options)
        : null;

    private JsonElement? OutputOf(ParameterBinding.TaskOutput output)
    {
        var end = graph.EndOf(output.Task);
        if (end?.Find(output.Output) is { } value)
        {
            return value;
        }

        return task.Finally
            ? null
            : throw ServerlessException.Invalid(
                $"'{output.Task}' gave out no value '{output.Output}'.",
                end is null ? null : $"It gave out: {string.Join(", ", end.Values.Keys.Concat(end.Metrics.Keys).DefaultIfEmpty("nothing"))}.");
    }

    private ContentRef? ArtifactOf(ArtifactBinding binding) => binding switch
    {
        ArtifactBinding.Source source => run.Definition.Sources.GetValueOrDefault(source.Path),
        ArtifactBinding.GraphInput input => graph.Inputs.Artifacts.GetValueOrDefault(input.Name),
        ArtifactBinding.TaskOutput output => graph.EndOf(output.Task)?.Artifacts.GetValueOrDefault(output.Output),
        _ => throw new InvalidOperationException($"Binding {binding.GetType().Name} is not known."),
    };
}
