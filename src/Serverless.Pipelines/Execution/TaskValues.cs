using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Pipelines.Components;
using Serverless.Storage;

namespace Serverless.Pipelines.Execution;

/// <summary>The small values that a component gives out, checked for what may go through an engine.</summary>
internal static class TaskValues
{
    /// <summary>More than this is an artifact.</summary>
    public const int MaxBytes = 48 * 1024;

    public static IReadOnlyDictionary<string, JsonElement> Of(ComponentOutputs outputs, IReadOnlyList<string> secrets)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(outputs.Values, StorageJson.Options);
        if (bytes.Length > MaxBytes)
        {
            throw ServerlessException.Invalid(
                $"The task gave out values of {bytes.Length:N0} bytes; {MaxBytes:N0} is the most.",
                "Write large results to an output file."
            );
        }

        foreach (var (name, value) in outputs.Values)
        {
            if (
                value?.GetValueKind() == JsonValueKind.String
                && value.GetValue<string>() is var text
                && (Secrets.IsSecret(name, text) || secrets.Any(s => text.Contains(s, StringComparison.Ordinal)))
            )
            {
                throw ServerlessException.Invalid(
                    $"The task gave out '{name}', which looks like a secret, and values are recorded and shown.",
                    "Hand over its name, and read it where it is used."
                );
            }
        }

        return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(bytes, StorageJson.Options)!;
    }
}
