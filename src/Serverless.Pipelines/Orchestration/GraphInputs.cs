using System.Text.Json;

namespace Serverless.Pipelines.Orchestration;

/// <summary>
/// The external inputs of a graph: the run's parameters and sources, or the arguments of the task that it is the body of.
/// </summary>
internal sealed record GraphInputs(
    IReadOnlyDictionary<string, JsonElement> Parameters,
    IReadOnlyDictionary<string, IReadOnlyList<ArtifactValue>> Artifacts,
    JsonElement? Item = null
);

/// <summary>The position of a graph within the run.</summary>
/// <param name="Prefix">The path prefix of its tasks.</param>
/// <param name="IsShielded">True inside a `finally` task, which runs even if the run is cancelled.</param>
/// <param name="FirstAttempt">The number of its tasks' first attempt. A retried graph continues to count.</param>
internal sealed record GraphPlace(string Prefix, bool IsShielded, int FirstAttempt)
{
    public static GraphPlace Root { get; } = new("", false, 1);
}

internal static class JsonPath
{
    /// <summary>Parses text as JSON. Returns null if it is not JSON.</summary>
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

    /// <summary>Returns a named value, or a value inside one. Dots may be part of a name (`test.auc`) or lead into a value; the longest
    /// existing name wins.</summary>
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

    /// <summary>Returns a nested value by its key path: `a.b`, with list positions as numbers.</summary>
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
