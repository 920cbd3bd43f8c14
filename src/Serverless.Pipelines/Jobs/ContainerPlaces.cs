using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Jobs;

/// <summary>
/// Fills in the placeholders of a Kubeflow container's arguments (`{{$.inputs.parameters['lr']}}`, `{"Concat": […]}`, `{"IfPresent":
/// {…}}`) like Kubeflow's launcher. Each placeholder is filled once; placeholders in values are kept as they are.
/// </summary>
/// <param name="call">The task.</param>
/// <param name="input">Kubeflow's executor input, which the placeholders refer to.</param>
internal sealed partial class ContainerPlaces(TaskCall call, JsonObject input)
{
    /// <summary>Expands an argument: none for a condition that does not hold, several for one that gives a list.</summary>
    public IReadOnlyList<string> Words(JsonElement word) =>
        word.ValueKind switch
        {
            JsonValueKind.String => word.GetString()! is var text && Structure(text) is { } structure ? Words(structure) : [Fill(text)],
            JsonValueKind.Array => [.. word.EnumerateArray().SelectMany(Words)],
            JsonValueKind.Object when word.TryGetProperty("Concat", out var parts) =>
            [
                string.Concat(parts.EnumerateArray().SelectMany(Words)),
            ],
            JsonValueKind.Object when word.TryGetProperty("IfPresent", out var condition) => IfPresent(condition),
            _ => throw Unknown(word.GetRawText()),
        };

    public string Fill(string text) => Place().Replace(text, place => Value(place.Groups["what"].Value) ?? place.Value);

    private IReadOnlyList<string> IfPresent(JsonElement condition)
    {
        var name = condition.GetProperty("InputName").GetString()!;
        var isPresent =
            input["inputs"]!["parameterValues"]!.AsObject().ContainsKey(name)
            || input["inputs"]!["artifacts"]!.AsObject().ContainsKey(name);
        return condition.TryGetProperty(isPresent ? "Then" : "Else", out var words) ? Words(words) : [];
    }

    /// <summary>Returns null for a value that is missing: such a placeholder is kept as it is, as in Kubeflow.</summary>
    private string? Value(string what)
    {
        switch (what)
        {
            case "":
                return input.ToJsonString(ContainerRun.Json);
            case ".outputs.output_file":
                return input["outputs"]!["outputFile"]!.GetValue<string>();
            case ".pipeline_job_name":
                return call.Pipeline;
            case ".pipeline_job_uuid" or ".pipeline_job_resource_name":
                return call.RunId;
            case ".pipeline_task_name":
                return call.Path;
            case ".pipeline_task_uuid":
                return $"{call.RunId}/{call.Path}";
        }

        if (Named().Match(what) is not { Success: true } named)
        {
            throw Unknown("{{$" + what + "}}");
        }

        var (side, kind, name, rest) = (
            named.Groups["side"].Value,
            named.Groups["kind"].Value,
            named.Groups["name"].Value,
            named.Groups["rest"].Value
        );
        return (side, kind, rest) switch
        {
            ("inputs", "parameters", "") => input["inputs"]!["parameterValues"]![name] is { } value ? TextOf(value) : null,
            ("outputs", "parameters", ".output_file") => input["outputs"]!["parameters"]![name]?["outputFile"]?.GetValue<string>(),
            (_, "artifacts", "") => input[side]!["artifacts"]![name]?["artifacts"]?.ToJsonString(ContainerRun.Json),
            (_, "artifacts", ".uri") => ArtifactOf(side, name)?["uri"]?.GetValue<string>(),
            (_, "artifacts", ".path") => ArtifactOf(side, name) is { } artifact ? ContainerRun.PathOf(artifact) : null,
            (_, "artifacts", ".metadata") => ArtifactOf(side, name)?["metadata"]?.ToJsonString(ContainerRun.Json),
            (_, "artifacts", _) when Key().Match(rest) is { Success: true } key => ArtifactOf(side, name)?["metadata"]?[
                key.Groups["key"].Value
            ]
                is { } said
                ? TextOf(said)
                : null,
            _ => throw Unknown("{{$" + what + "}}"),
        };
    }

    private JsonNode? ArtifactOf(string side, string name) => input[side]!["artifacts"]![name]?["artifacts"]?[0];

    /// <summary>Returns text as it is, a number without an exponent, and everything else as JSON.</summary>
    private static string TextOf(JsonNode value) =>
        value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => NumberOf(value.ToJsonString()),
            _ => value.ToJsonString(ContainerRun.Json),
        };

    private static string NumberOf(string json) =>
        decimal.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("0.############################", CultureInfo.InvariantCulture)
            : json;

    /// <summary>Parses a structure, which a compiled pipeline contains as text.</summary>
    private static JsonElement? Structure(string text)
    {
        if (!text.StartsWith("{\"Concat\"", StringComparison.Ordinal) && !text.StartsWith("{\"IfPresent\"", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ServerlessException Unknown(string place) =>
        ServerlessException.Invalid($"The argument contains an unknown placeholder: {place}", "Pass the value as a parameter of the task.");

    [GeneratedRegex(@"\{\{\$(?<what>[^{}]*)\}\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"^\.(?<side>inputs|outputs)\.(?<kind>parameters|artifacts)\['(?<name>[^']*)'\](?<rest>.*)$")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\.metadata\['(?<key>[^']*)'\]$")]
    private static partial Regex Key();
}
