using System.Text.Json;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>Types of parameters, with Kubeflow's names.</summary>
public enum ParameterType
{
    /// <summary>Any value.</summary>
    Any,

    /// <summary>NUMBER_INTEGER.</summary>
    Integer,

    /// <summary>NUMBER_DOUBLE.</summary>
    Number,

    /// <summary>STRING: takes any value, as JSON text.</summary>
    Text,

    /// <summary>BOOLEAN.</summary>
    Boolean,

    /// <summary>LIST.</summary>
    List,

    /// <summary>STRUCT, TASK_FINAL_STATUS, TASK_CONFIG.</summary>
    Map,
}

/// <summary>The specification of a parameter.</summary>
public sealed record ParameterSpec
{
    public ParameterType Type { get; init; }

    /// <summary>Gets the default value.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>Gets whether it is omitted without a value or default.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Gets the allowed values; empty for any.</summary>
    public IReadOnlyList<JsonElement> Allowed { get; init; } = [];

    /// <summary>Converts the given values to their types, and adds defaults for missing ones.</summary>
    /// <param name="specs">The declared parameters. Values with other names are returned unchanged.</param>
    /// <param name="values">The given values.</param>
    /// <param name="owner">The name of the declaring object, for the error.</param>
    public static IReadOnlyDictionary<string, JsonElement> Apply(
        IReadOnlyDictionary<string, ParameterSpec> specs,
        IReadOnlyDictionary<string, JsonElement> values,
        string owner
    )
    {
        if (specs.Count == 0)
        {
            return values;
        }

        var applied = new Dictionary<string, JsonElement>(values);
        foreach (var (name, spec) in specs)
        {
            if (values.TryGetValue(name, out var given))
            {
                applied[name] = spec.Check(given, name, owner);
            }
            else if (spec.Default is { } value)
            {
                applied[name] = value;
            }
            else if (!spec.IsOptional)
            {
                throw ServerlessException.Invalid($"'{owner}' requires the parameter '{name}'.", $"Set a value of type {spec.Type}.");
            }
        }

        return applied;
    }

    private JsonElement Check(JsonElement value, string name, string owner)
    {
        var typed =
            Convert(value)
            ?? throw ServerlessException.Invalid($"'{owner}': the parameter '{name}' must be of type {Type}, but is {value.GetRawText()}.");
        return Allowed.Count == 0 || Allowed.Any(a => JsonElement.DeepEquals(a, typed))
            ? typed
            : throw ServerlessException.Invalid(
                $"'{owner}': the parameter '{name}' must not be {value.GetRawText()}.",
                $"Use one of {string.Join(", ", Allowed.Select(a => a.GetRawText()))}."
            );
    }

    private JsonElement? Convert(JsonElement value) =>
        Type switch
        {
            ParameterType.Any => value,
            ParameterType.Text => value.ValueKind == JsonValueKind.String ? value : JsonSerializer.SerializeToElement(value.GetRawText()),
            // Numbers arrive as doubles: 5.0 is the integer 5.
            ParameterType.Integer when value.ValueKind == JsonValueKind.Number => value.TryGetInt64(out _) ? value
            : value.GetDouble() is var real && Math.Floor(real) == real && Math.Abs(real) < 9e15
                ? JsonSerializer.SerializeToElement((long)real)
            : null,
            ParameterType.Number when value.ValueKind == JsonValueKind.Number => value,
            ParameterType.Boolean when value.ValueKind is JsonValueKind.True or JsonValueKind.False => value,
            ParameterType.List when value.ValueKind == JsonValueKind.Array => value,
            ParameterType.Map when value.ValueKind == JsonValueKind.Object => value,
            _ => null,
        };
}
