using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// Computes the key of the task cache: the SHA-256 of everything that a task's result depends on (component identity and code or command
/// lines, image and resources, declared environment, parameters, tracked values, digests of the inputs, names of the outputs).
/// </summary>
internal static class CacheKey
{
    public static string Of(TaskCall call, IReadOnlyList<StagedInput> inputs, string? componentIdentity)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("format", 1);
            if (call.CacheKey is { } own)
            {
                // The author vouches for it: only the shape of the result still counts.
                json.WriteString("key", own);
                WriteList(json, "outputs", call.Outputs.Select(o => $"{o.Kind}:{o.Path}").Order(StringComparer.Ordinal));
                json.WriteEndObject();
                json.Flush();
                return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
            }

            switch (call.Component)
            {
                case ComponentSpec.InProcess component:
                    json.WriteString("uses", componentIdentity ?? component.Uses);
                    break;
                case ComponentSpec.Command command:
                    WriteList(json, "cmd", command.Lines);
                    json.WriteString("wdir", command.WorkingDirectory);
                    WriteEnvironment(json, command.Environment);
                    break;
                case ComponentSpec.Container container:
                    json.WriteString("container", container.Image);
                    WriteValues(
                        json,
                        "command",
                        new Dictionary<string, JsonElement>
                        {
                            ["command"] = JsonSerializer.SerializeToElement(container.Entrypoint),
                            ["arguments"] = JsonSerializer.SerializeToElement(container.Arguments),
                        }
                    );
                    WriteEnvironment(json, container.Environment);
                    break;
                default:
                    json.WriteString("kind", call.Component.GetType().Name);
                    break;
            }

            json.WriteString("image", call.Resources?.Image);
            WriteValues(json, "parameters", call.Parameters);
            WriteValues(json, "tracked", call.Tracked);
            json.WriteStartObject("inputs");
            foreach (var input in inputs.Where(i => i.InCacheKey).OrderBy(i => i.Path, StringComparer.Ordinal))
            {
                json.WriteString(input.Path, input.Content.IsExecutable ? input.Content.Digest + "+x" : input.Content.Digest);
            }

            json.WriteEndObject();
            WriteList(json, "outputs", call.Outputs.Select(o => $"{o.Kind}:{o.Path}").Order(StringComparer.Ordinal));
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
    }

    private static void WriteEnvironment(Utf8JsonWriter json, IReadOnlyDictionary<string, string> environment)
    {
        json.WriteStartObject("env");
        foreach (var (name, value) in environment.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }

    private static void WriteValues(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, JsonElement> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(key);
            WriteSorted(json, value);
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// Normalises JSON: the order of an object's keys and the text of its numbers do not count, but 1 and 1.0 may differ.
    /// </summary>
    private static void WriteSorted(Utf8JsonWriter json, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            json.WriteStartObject();
            foreach (var property in value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                json.WritePropertyName(property.Name);
                WriteSorted(json, property.Value);
            }

            json.WriteEndObject();
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray();
            foreach (var item in value.EnumerateArray())
            {
                WriteSorted(json, item);
            }

            json.WriteEndArray();
        }
        else
        {
            value.WriteTo(json);
        }
    }
}
