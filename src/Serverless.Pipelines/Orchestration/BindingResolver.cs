using System.Globalization;
using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Model;
using Serverless.Storage;

namespace Serverless.Pipelines.Orchestration;

/// <summary>Resolves the bindings of a task to values and artifacts.</summary>
internal sealed class BindingResolver(PipelineOrchestrator run, GraphRun graph, TaskSpec task)
{
    private readonly bool isTolerant = task.Finally || task.IgnoreUpstreamFailure;

    public bool Holds(string condition, JsonElement? item)
    {
        IReadOnlyDictionary<string, JsonElement>? own = null;
        return Condition
            .Parse(condition, graph.TaskNames)
            .Evaluate(reference =>
                reference.Task is { } name ? graph.EndOf(name)?.Find(reference.Name)
                : reference.IsInput
                    ? JsonPath.Find(n => (own ??= Parameters(item)).TryGetValue(n, out var value) ? value : null, reference.Name)
                : JsonPath.Find(n => n == "item" && item is not null ? item : ParameterOf(n), reference.Name)
            );
    }

    public IReadOnlyDictionary<string, JsonElement> Parameters(JsonElement? item)
    {
        var values = new Dictionary<string, JsonElement>();
        foreach (var (name, binding) in task.Parameters)
        {
            // A missing value is not passed: the component's own default applies.
            if (Value(binding, item) is { } value)
            {
                values[name] = value;
            }
        }

        return ParameterSpec.Apply(task.Accepts, values, task.Name);
    }

    public JsonElement? Value(ParameterBinding binding, JsonElement? item)
    {
        var value = binding switch
        {
            ParameterBinding.Constant constant => constant.Value,
            ParameterBinding.Item => item,
            ParameterBinding.GraphInput input => JsonPath.Find(ParameterOf, input.Name),
            ParameterBinding.TaskStatus status => StatusOf(status.Task),
            ParameterBinding.TaskOutput output => OutputOf(output),
            ParameterBinding.Concat concat => JsonSerializer.SerializeToElement(
                string.Concat(concat.Parts.Select(p => TextOf(Value(p, item))))
            ),
            _ => throw new InvalidOperationException($"Binding {binding.GetType().Name} is not known."),
        };
        if (value is not { } found || binding.Selector is not { } selector)
        {
            return value;
        }

        return JsonPath.Find(found.ValueKind == JsonValueKind.String ? JsonPath.TryParse(found.GetString()!) ?? found : found, selector);
    }

    /// <summary>Returns the artifacts for the task's workspace.</summary>
    public IReadOnlyList<StagedInput> Inputs(string instance)
    {
        var staged = new List<StagedInput>();
        foreach (var input in task.Inputs)
        {
            var inside = (input.From as ArtifactBinding.TaskOutput)?.SubPath;
            var found = ArtifactsOf(input.From);
            if (input.IsList)
            {
                staged.AddRange(
                    (found ?? []).Select(
                        (a, i) =>
                            new StagedInput($"{input.Path}/{i.ToString(CultureInfo.InvariantCulture)}", a.Content, input.InCacheKey, inside)
                            {
                                Info = a.Info,
                            }
                    )
                );
            }
            else if (found is [var single])
            {
                staged.Add(new StagedInput(input.Path, single.Content, input.InCacheKey, inside) { Info = single.Info });
            }
            else if (found is not null)
            {
                throw ServerlessException.Invalid(
                    $"'{instance}' takes one artifact as '{input.Path}' but receives a list of {found.Count}."
                );
            }
            else if (!input.IsOptional && !isTolerant)
            {
                throw ServerlessException.Invalid($"'{instance}' requires '{input.Path}', which no earlier task has written.");
            }
        }

        return staged;
    }

    /// <summary>Returns the artifacts for a nested graph by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ArtifactValue>> Artifacts()
    {
        var found = new Dictionary<string, IReadOnlyList<ArtifactValue>>();
        foreach (var input in task.Inputs)
        {
            if (ArtifactsOf(input.From) is { } artifacts)
            {
                found[input.Path] = artifacts;
            }
            else if (!input.IsOptional && !input.IsList && !isTolerant)
            {
                throw ServerlessException.Invalid($"'{task.Name}' requires '{input.Path}', which no earlier task has written.");
            }
        }

        return found;
    }

    private static string TextOf(JsonElement? value) =>
        value switch
        {
            null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } other => other.GetRawText(),
        };

    private JsonElement? ParameterOf(string name) => graph.Inputs.Parameters.TryGetValue(name, out var value) ? value : null;

    private JsonElement? StatusOf(string name) =>
        graph.EndOf(name) is { } end
            ? JsonSerializer.SerializeToElement(
                new
                {
                    task = name,
                    state = end.State.ToString(),
                    error = end.Error?.Message ?? end.Reason,
                },
                StorageJson.Options
            )
            : null;

    private JsonElement? OutputOf(ParameterBinding.TaskOutput output)
    {
        var end = graph.EndOf(output.Task);
        if (end?.Find(output.Output) is { } value)
        {
            return value;
        }

        if (end is { State: TaskState.Succeeded, Values.Count: 0 } && graph.IsLoop(output.Task))
        {
            // No item ran, so their outputs are unknown: each list is empty.
            return JsonSerializer.SerializeToElement(Array.Empty<int>());
        }

        return isTolerant
            ? null
            : throw ServerlessException.Invalid(
                $"Task '{output.Task}' has no output value '{output.Output}'.",
                end is null
                    ? null
                    : $"Its output values: {string.Join(", ", end.Values.Keys.Concat(end.Metrics.Keys).DefaultIfEmpty("nothing"))}."
            );
    }

    private IReadOnlyList<ArtifactValue>? ArtifactsOf(ArtifactBinding binding) =>
        binding switch
        {
            ArtifactBinding.Source source => run.Definition.Sources.TryGetValue(source.Path, out var content)
                ? [new ArtifactValue(content, null)]
                : null,
            ArtifactBinding.GraphInput input => graph.Inputs.Artifacts.GetValueOrDefault(input.Name),
            ArtifactBinding.TaskOutput output => graph.EndOf(output.Task) is { } end ? ArtifactValue.Of(end, output.Output) : null,
            _ => throw new InvalidOperationException($"Binding {binding.GetType().Name} is not known."),
        };
}
