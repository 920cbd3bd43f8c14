using System.Text.Json.Nodes;
using Serverless.Core;

namespace Serverless.Pipelines.Jobs;

/// <summary>
/// Builds the template of one execution. A template in the request replaces the job's own as a whole, so it is a copy of the job's own
/// with the task in it. An execution accepts only some of a container's fields.
/// </summary>
internal static class JobTemplate
{
    private static readonly string[] Fields = ["name", "image", "command", "args", "env", "resources"];

    /// <param name="template">The job's `properties.template`.</param>
    /// <param name="container">The container to run the task in; null for the first one.</param>
    /// <param name="image">The task's image; null for the job's own.</param>
    /// <param name="command">The command.</param>
    /// <param name="environment">Variables to add or override.</param>
    /// <param name="secrets">Variables that refer to a secret of the job.</param>
    /// <param name="size">The size; null for the template's.</param>
    public static JsonObject For(
        JsonNode template,
        string? container,
        string? image,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> secrets,
        JobSize? size
    )
    {
        var containers = Copy(template["containers"]);
        var task =
            containers.FirstOrDefault(c => container is null || (string?)c!["name"] == container)?.AsObject()
            ?? throw new ServerlessException(
                ErrorCodes.Environment,
                container is null ? "The job's template has no container." : $"The job's template has no container '{container}'.",
                $"Set {ContainerJobOptions.ContainerSetting} to the name of one.",
                500
            );
        if (image is not null)
        {
            task["image"] = image;
        }

        task["command"] = new JsonArray([.. command.Select(c => (JsonNode)c)]);
        task.Remove("args");
        task["env"] = Environment(task["env"] as JsonArray, environment, secrets);
        if (size is not null)
        {
            task["resources"] = new JsonObject { ["cpu"] = size.Cpu, ["memory"] = size.Memory };
        }

        return new JsonObject { ["containers"] = containers, ["initContainers"] = Copy(template["initContainers"]) };
    }

    /// <summary>Returns true if the template belongs to an execution that was started with this variable.</summary>
    public static bool Has(JsonNode? template, string name, string value) =>
        template?["containers"] is JsonArray containers
        && containers.Any(c =>
            c!["env"] is JsonArray variables && variables.Any(v => (string?)v!["name"] == name && (string?)v["value"] == value)
        );

    private static JsonArray Copy(JsonNode? containers)
    {
        var copy = new JsonArray();
        foreach (var container in containers as JsonArray ?? [])
        {
            var one = new JsonObject();
            foreach (var field in Fields)
            {
                if (container![field] is { } value)
                {
                    one[field] = value.DeepClone();
                }
            }

            copy.Add(one);
        }

        return copy;
    }

    private static JsonArray Environment(
        JsonArray? there,
        IReadOnlyDictionary<string, string> values,
        IReadOnlyDictionary<string, string> secrets
    )
    {
        var merged = new JsonArray();
        foreach (var variable in there ?? [])
        {
            if ((string?)variable!["name"] is { } name && !values.ContainsKey(name) && !secrets.ContainsKey(name))
            {
                merged.Add(variable.DeepClone());
            }
        }

        foreach (var (name, value) in values)
        {
            merged.Add(new JsonObject { ["name"] = name, ["value"] = value });
        }

        foreach (var (name, secret) in secrets)
        {
            merged.Add(new JsonObject { ["name"] = name, ["secretRef"] = secret });
        }

        return merged;
    }
}
