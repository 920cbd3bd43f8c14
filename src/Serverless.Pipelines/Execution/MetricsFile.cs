using System.Text;
using System.Text.Json;

namespace Serverless.Pipelines;

/// <summary>Reads the numbers of a metrics file: nested keys become `a.b`.</summary>
internal static class MetricsFile
{
    public static async Task ReadAsync(string path, string name, Dictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        if (bytes.AsSpan().Contains((byte)0))
        {
            throw ServerlessException.Invalid($"binary file '{name}' cannot be used as metrics.", "Write JSON or YAML: an object of numbers.");
        }

        JsonElement root;
        try
        {
            root = ParseAny(path, Encoding.UTF8.GetString(bytes));
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid($"The metrics file '{name}' is not valid: {e.Message}", "Write JSON or YAML: an object of numbers.");
        }

        Collect(root, "", metrics);
    }

    private static JsonElement ParseAny(string path, string text)
    {
        _ = path;
        return JsonSerializer.Deserialize<JsonElement>(text, Storage.StorageJson.Options);
    }

    private static void Collect(JsonElement value, string prefix, Dictionary<string, double> metrics)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Collect(property.Value, prefix.Length == 0 ? property.Name : $"{prefix}.{property.Name}", metrics);
                }

                break;
            case JsonValueKind.Number when prefix.Length > 0:
                metrics[prefix] = value.GetDouble();
                break;
        }
    }
}
