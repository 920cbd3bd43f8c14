using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Pipelines;

/// <summary>The small values that a component gives out, checked for what may go through an engine.</summary>
internal static class TaskValues
{
    /// <summary>More than this is an artifact.</summary>
    public const int MaxBytes = 48 * 1024;

    public static IReadOnlyDictionary<string, JsonElement> Of(ComponentOutputs outputs)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(outputs.Values, StorageJson.Options);
        if (bytes.Length > MaxBytes)
        {
            throw ServerlessException.Invalid(
                $"The task gave out values of {bytes.Length:N0} bytes; {MaxBytes:N0} is the most.", "Write large results to an output file.");
        }

        return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(bytes, StorageJson.Options)!;
    }
}
