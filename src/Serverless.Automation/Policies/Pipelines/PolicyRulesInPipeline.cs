using System.Text.Json;
using Serverless.Automation.Policies.Document;
using Serverless.Pipelines.Model;
using Serverless.Training.Promotion;

namespace Serverless.Automation.Policies.Pipelines;

/// <summary>
/// Passes the policy's rules to the pipeline's components: `promotion` to `compare`; `rollout`, the approval and `alerts` to `promote`.
/// A stage's own settings take precedence.
/// </summary>
public static class PolicyRulesInPipeline
{
    public static PipelineDocument Apply(TrainingPolicy policy, PipelineDocument document)
    {
        var given = new Dictionary<string, IReadOnlyList<(string Name, JsonElement? Value)>>
        {
            ["compare"] = [("promotion", Element(policy.Promotion))],
            ["promote"] =
            [
                ("rollout", Element(policy.Rollout)),
                ("approval", Element(policy.Promotion?.Approval)),
                ("alerts", policy.Alerts.Count == 0 ? null : Element(policy.Alerts)),
            ],
        };
        return document with { Spec = document.Spec with { Graph = Apply(document.Spec.Graph, given) } };
    }

    private static GraphSpec Apply(GraphSpec graph, Dictionary<string, IReadOnlyList<(string Name, JsonElement? Value)>> given) =>
        graph with
        {
            Tasks = [.. graph.Tasks.Select(task => Apply(task, given))],
        };

    private static TaskSpec Apply(TaskSpec task, Dictionary<string, IReadOnlyList<(string Name, JsonElement? Value)>> given)
    {
        if (task.Component is ComponentSpec.Graph nested)
        {
            return task with { Component = nested with { Body = Apply(nested.Body, given) } };
        }

        if (task.Component is not ComponentSpec.InProcess component || !given.TryGetValue(component.Uses, out var values))
        {
            return task;
        }

        var parameters = new Dictionary<string, ParameterBinding>(task.Parameters);
        foreach (var (name, value) in values)
        {
            if (value is { } known)
            {
                parameters.TryAdd(name, new ParameterBinding.Constant(known));
            }
        }

        return task with
        {
            Parameters = parameters,
        };
    }

    private static JsonElement? Element<T>(T? value)
        where T : class => value is null ? null : JsonSerializer.SerializeToElement(value, PlanJson.Options);
}
