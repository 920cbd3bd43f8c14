using System.Text.Json;

namespace Serverless.Training.Tests.Support;

internal static class Json
{
    /// <summary>The properties of all of them, the last one's winning; null leaves a property out.</summary>
    public static Dictionary<string, object?> Merge(params object[] parts)
    {
        var merged = new Dictionary<string, object?>();
        foreach (var property in parts.SelectMany(p => JsonSerializer.SerializeToElement(p).EnumerateObject()))
        {
            merged[property.Name] = property.Value;
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(property.Name);
            }
        }

        return merged;
    }
}
