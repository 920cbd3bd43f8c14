using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Jobs;

/// <summary>
/// Does what Kubeflow's launcher does around a container's command: passes its inputs and the locations of its outputs as JSON (the
/// executor input), and reads what it left there: parameter files, artifacts, and the executor output about both. The name of an artifact
/// is its path in the workspace; a list of artifacts is at `name/0`, `name/1`, ….
/// </summary>
internal sealed partial class ContainerRun
{
    private const string Metrics = "system.Metrics";
    private readonly TaskCall call;
    private readonly ComponentSpec.Container container;
    private readonly TaskWorkspace workspace;
    private readonly JsonObject input;

    public ContainerRun(TaskCall call, ComponentSpec.Container container, TaskWorkspace workspace)
    {
        (this.call, this.container, this.workspace) = (call, container, workspace);
        Directory.CreateDirectory(Path.Combine(workspace.Scratch, "parameters"));
        input = new JsonObject
        {
            ["inputs"] = new JsonObject
            {
                ["parameterValues"] = new JsonObject(
                    call.Parameters.Select(p => KeyValuePair.Create(p.Key, JsonNode.Parse(p.Value.GetRawText())))
                        .Where(p => p.Value is not null)
                ),
                ["artifacts"] = new JsonObject(
                    call.Inputs.GroupBy(i => NameOf(i.Path)).Select(g => KeyValuePair.Create(g.Key, List(g.Select(InputOf))))
                ),
            },
            ["outputs"] = new JsonObject
            {
                ["parameters"] = new JsonObject(
                    container.Gives.Keys.Select(
                        (name, i) =>
                            KeyValuePair.Create(
                                name,
                                (JsonNode?)new JsonObject { ["outputFile"] = Path.Combine(workspace.Scratch, "parameters", $"{i}") }
                            )
                    )
                ),
                ["artifacts"] = new JsonObject(
                    call.Outputs.Select(o =>
                        KeyValuePair.Create(o.Path, List([ArtifactOf(o.Path, workspace.At(o.Path), o.Type, null, o.Metadata)]))
                    )
                ),
                ["outputFile"] = Path.Combine(workspace.Scratch, "output_metadata.json"),
            },
        };
        Command = ContainerCommand.Of(container, new ContainerPlaces(call, input));
    }

    /// <summary>Returns the JSON for a command, with as little escaping as possible.</summary>
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ComponentSpec.Command Command { get; }

    /// <summary>Returns the local path of an artifact, whatever its URI.</summary>
    public static string PathOf(JsonNode artifact) => (artifact["localPath"] ?? artifact["uri"])!.GetValue<string>();

    /// <summary>Reads the outputs of the command. The executor output takes precedence over files.</summary>
    public async Task<ComponentOutputs> TakeInAsync(CancellationToken cancellationToken)
    {
        var said = await ReadOutputAsync(cancellationToken);
        var given = new ComponentOutputs();
        foreach (var (name, spec) in container.Gives)
        {
            var file = input["outputs"]!["parameters"]![name]!["outputFile"]!.GetValue<string>();
            if (said["parameterValues"]?[name] is { } value)
            {
                given.Values[name] = value.DeepClone();
            }
            else if (File.Exists(file))
            {
                given.Values[name] = ValueOf(await File.ReadAllTextAsync(file, cancellationToken), spec.Type, name);
            }
        }

        foreach (var (name, value) in said["parameterValues"]?.AsObject().Where(v => !container.Gives.ContainsKey(v.Key)) ?? [])
        {
            given.Values[name] = value?.DeepClone();
        }

        foreach (var output in call.Outputs)
        {
            TakeIn(output, said["artifacts"]?[output.Path]?["artifacts"]?.AsArray().FirstOrDefault(), given);
        }

        return given;
    }

    private void TakeIn(ArtifactOutput output, JsonNode? said, ComponentOutputs given)
    {
        var at = workspace.At(output.Path);
        if (said?["custom_path"]?.GetValue<string>() is { Length: > 0 } elsewhere && elsewhere != at)
        {
            if (Directory.Exists(elsewhere))
            {
                Directory.Move(elsewhere, at);
            }
            else if (File.Exists(elsewhere))
            {
                File.Move(elsewhere, at, overwrite: true);
            }
        }

        if (!File.Exists(at) && !Directory.Exists(at))
        {
            // Some artifacts consist of metadata only.
            File.WriteAllBytes(at, []);
        }

        var metadata = (output.Metadata ?? new Dictionary<string, JsonElement>()).ToDictionary();
        foreach (var (key, value) in said?["metadata"]?.AsObject() ?? [])
        {
            metadata[key] = JsonSerializer.SerializeToElement(value);
            if (output.Type == Metrics && value?.GetValueKind() == JsonValueKind.Number)
            {
                given.Metrics[key] = value.GetValue<double>();
            }
        }

        var uri = said?["uri"]?.GetValue<string>() is { Length: > 0 } address && address != at ? address : null;
        if (uri is not null || metadata.Count > 0)
        {
            given.Artifacts[output.Path] = new ArtifactInfo(output.Type, uri, metadata.Count > 0 ? metadata : null);
        }
    }

    private async Task<JsonNode> ReadOutputAsync(CancellationToken cancellationToken)
    {
        var file = input["outputs"]!["outputFile"]!.GetValue<string>();
        if (!File.Exists(file))
        {
            return new JsonObject();
        }

        try
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken)) as JsonObject
                ?? throw new JsonException("It is not an object.");
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid(
                $"The command wrote an invalid output file: {e.Message}",
                "Write JSON: {\"parameterValues\": {…}, \"artifacts\": {…}}."
            );
        }
    }

    private static JsonNode ValueOf(string text, ParameterType type, string name)
    {
        if (type is ParameterType.Text or ParameterType.Any)
        {
            return JsonValue.Create(text);
        }

        try
        {
            var json = type == ParameterType.Boolean ? text.Trim().ToLowerInvariant() : text;
            var read = ParameterSpec.Apply(
                new Dictionary<string, ParameterSpec> { [name] = new() { Type = type } },
                new Dictionary<string, JsonElement> { [name] = JsonSerializer.Deserialize<JsonElement>(json) },
                "output"
            );
            return JsonNode.Parse(read[name].GetRawText())!;
        }
        catch (JsonException)
        {
            throw ServerlessException.Invalid($"The command wrote '{text}' for its output '{name}', which is declared as {type}.");
        }
    }

    private JsonNode InputOf(StagedInput staged) =>
        ArtifactOf(staged.Path, workspace.At(staged.Path), staged.Info?.Type, staged.Info?.Uri, staged.Info?.Metadata);

    private static JsonObject ArtifactOf(
        string name,
        string path,
        string? type,
        string? uri,
        IReadOnlyDictionary<string, JsonElement>? metadata
    )
    {
        var artifact = new JsonObject
        {
            ["name"] = name,
            ["type"] = new JsonObject { ["schemaTitle"] = type ?? "system.Artifact", ["schemaVersion"] = "0.0.1" },
            // Kubeflow's SDK uses a URI without a known scheme as the path.
            ["uri"] = uri ?? path,
            ["metadata"] = new JsonObject(
                (metadata ?? new Dictionary<string, JsonElement>()).Select(m =>
                    KeyValuePair.Create(m.Key, JsonNode.Parse(m.Value.GetRawText()))
                )
            ),
        };
        if (uri is not null)
        {
            artifact["localPath"] = path;
        }

        return artifact;
    }

    private static JsonNode? List(IEnumerable<JsonNode> artifacts) => new JsonObject { ["artifacts"] = new JsonArray([.. artifacts]) };

    private static string NameOf(string path) => Element().Match(path) is { Success: true } element ? element.Groups["list"].Value : path;

    [GeneratedRegex("^(?<list>.+)/[0-9]+$")]
    private static partial Regex Element();
}
