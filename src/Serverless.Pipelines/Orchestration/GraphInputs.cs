using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Pipelines;

/// <summary>What a graph gets from outside: the run's parameters and sources, or the arguments of the task whose body it is.</summary>
internal sealed record GraphInputs(
    IReadOnlyDictionary<string, JsonElement> Parameters, IReadOnlyDictionary<string, ContentRef> Artifacts, JsonElement? Item = null);

internal static class JsonPath
{
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
