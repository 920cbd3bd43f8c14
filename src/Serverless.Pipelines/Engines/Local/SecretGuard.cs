using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>Rejects secrets in a run's definition, which is stored and shown.</summary>
internal static class SecretGuard
{
    private const string Fix = "Remove it. A command inherits the host's environment, and its log masks such values.";

    public static void Check(PipelineDocument document)
    {
        var file = Path.Combine(document.Directory, "dvc.yaml");
        var found = Named(document.Spec.Parameters)
            .Select(name => new Diagnostic(file, 0, $"The parameter '{name}' looks like a secret.", Fix))
            .Concat(
                TasksOf(document.Spec.Graph)
                    .SelectMany(t =>
                        OfTask(t.Task).Select(name => new Diagnostic(file, 0, $"'{t.Path}': '{name}' looks like a secret.", Fix))
                    )
            )
            .Distinct()
            .ToList();
        if (found.Count > 0)
        {
            throw ServerlessException.Invalid("The pipeline contains secrets, but a run's definition is stored and shown.", found);
        }
    }

    /// <summary>Returns all tasks of a graph and its nested graphs.</summary>
    public static IEnumerable<(string Path, TaskSpec Task)> TasksOf(GraphSpec graph, string prefix = "") =>
        graph.Tasks.SelectMany(task =>
            task.Component is ComponentSpec.Graph nested
                ? TasksOf(nested.Body, prefix + task.Name + "/").Prepend((prefix + task.Name, task))
                : [(prefix + task.Name, task)]
        );

    private static IEnumerable<string> OfTask(TaskSpec task)
    {
        var bound = task.Parameters.SelectMany(p => Constants(p.Value).SelectMany(v => Named(p.Key, v)));
        var tracked = task.Tracked.SelectMany(t => Named(t.Key, t.Value));
        var defaults = task.Accepts.Where(a => a.Value.Default is not null).SelectMany(a => Named(a.Key, a.Value.Default!.Value));
        return bound
            .Concat(tracked)
            .Concat(defaults)
            .Concat(
                task.Component switch
                {
                    ComponentSpec.Command command => command
                        .Lines.Where(Secrets.LooksSecret)
                        .Select(_ => "cmd")
                        .Concat(Named(command.Environment)),
                    ComponentSpec.Container container => container
                        .Entrypoint.Concat(container.Arguments)
                        .Where(a => Secrets.LooksSecret(a.GetRawText()))
                        .Select(_ => "command")
                        .Concat(Named(container.Environment)),
                    _ => [],
                }
            );
    }

    private static IEnumerable<JsonElement> Constants(ParameterBinding binding) =>
        binding switch
        {
            ParameterBinding.Constant constant => [constant.Value],
            ParameterBinding.Concat concat => concat.Parts.SelectMany(Constants),
            _ => [],
        };

    private static IEnumerable<string> Named(IReadOnlyDictionary<string, string> environment) =>
        environment.Where(e => Secrets.IsSecret(e.Key, e.Value)).Select(e => e.Key);

    private static IEnumerable<string> Named(IReadOnlyDictionary<string, JsonElement> values) =>
        values.SelectMany(v => Named(v.Key, v.Value));

    /// <summary>Returns the names in a value, by path, that contain a secret.</summary>
    private static IEnumerable<string> Named(string name, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => Secrets.IsSecret(name[(name.LastIndexOf('.') + 1)..], value.GetString()!) ? [name] : [],
            JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Named($"{name}.{p.Name}", p.Value)),
            JsonValueKind.Array => value.EnumerateArray().SelectMany(v => Named(name, v)),
            _ => [],
        };
}
