using System.Text.Json;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>Types of parameters, Kubeflow's in brackets.</summary>
public enum ParameterType
{
    /// <summary>Whatever it is.</summary>
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

/// <summary>What a parameter must be.</summary>
public sealed record ParameterSpec
{
    public ParameterType Type { get; init; }

    /// <summary>Its value if none is given.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>True: without a value and a default it is left out.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The only values it may have; empty for any.</summary>
    public IReadOnlyList<JsonElement> Allowed { get; init; } = [];

    /// <summary>The given values as the types want them, with defaults for what is missing.</summary>
    /// <param name="specs">What is declared; values of other names pass as they are.</param>
    /// <param name="values">What is given.</param>
    /// <param name="owner">Who declares it, for the error.</param>
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
                throw ServerlessException.Invalid($"'{owner}' needs the parameter '{name}'.", $"Give a value of type {spec.Type}.");
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
                $"It may be {string.Join(", ", Allowed.Select(a => a.GetRawText()))}."
            );
    }

    private JsonElement? Convert(JsonElement value) =>
        Type switch
        {
            ParameterType.Any => value,
            ParameterType.Text => value.ValueKind == JsonValueKind.String ? value : JsonSerializer.SerializeToElement(value.GetRawText()),
            // Numbers come as doubles: 5.0 is the whole number 5.
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
