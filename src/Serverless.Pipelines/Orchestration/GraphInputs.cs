using System.Text.Json;

namespace Serverless.Pipelines.Orchestration;

/// <summary>What a graph gets from outside: the run's parameters and sources, or the arguments of the task whose body it is.</summary>
internal sealed record GraphInputs(
    IReadOnlyDictionary<string, JsonElement> Parameters,
    IReadOnlyDictionary<string, IReadOnlyList<ArtifactValue>> Artifacts,
    JsonElement? Item = null
);

/// <summary>Where in the run a graph is.</summary>
/// <param name="Prefix">Of the paths of its tasks.</param>
/// <param name="IsShielded">True inside of a `finally` task: a cancelled run still runs it.</param>
/// <param name="FirstAttempt">The number of its tasks' first attempt: a graph that is tried again counts on.</param>
internal sealed record GraphPlace(string Prefix, bool IsShielded, int FirstAttempt)
{
    public static GraphPlace Root { get; } = new("", false, 1);
}

internal static class JsonPath
{
    /// <summary>Text as the JSON that it is; null if it is none.</summary>
    public static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A named value, or a value inside of one: points may be part of a name (`test.auc`) or lead into a value, and the
    /// longest name that there is wins.</summary>
    public static JsonElement? Find(Func<string, JsonElement?> named, string path)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1))
        {
            if (named(path[..end]) is { } value)
            {
                return end == path.Length ? value : Find(value, path[(end + 1)..]);
            }
        }

        return null;
    }

    /// <summary>A value inside of a value by its key path: `a.b`, list positions as numbers.</summary>
    public static JsonElement? Find(JsonElement value, string path)
    {
        foreach (var key in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object when value.TryGetProperty(key, out var child):
                    value = child;
                    break;
                case JsonValueKind.Array when int.TryParse(key, out var i) && i >= 0 && i < value.GetArrayLength():
                    value = value[i];
                    break;
                default:
                    return null;
            }
        }

        return value;
    }
}
