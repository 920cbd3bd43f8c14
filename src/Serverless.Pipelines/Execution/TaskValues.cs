using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Pipelines.Components;
using Serverless.Storage;

namespace Serverless.Pipelines.Execution;

/// <summary>Checks the small output values of a component, which pass through an engine.</summary>
internal static class TaskValues
{
    /// <summary>The maximum size. Larger results belong in an artifact.</summary>
    public const int MaxBytes = 48 * 1024;

    public static IReadOnlyDictionary<string, JsonElement> Of(ComponentOutputs outputs, IReadOnlyList<string> secrets)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(outputs.Values, StorageJson.Options);
        if (bytes.Length > MaxBytes)
        {
            throw ServerlessException.Invalid(
                $"The output values of the task have {bytes.Length:N0} bytes. The maximum is {MaxBytes:N0}.",
                "Write large results to an output file instead."
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
                    $"The output value '{name}' looks like a secret, but values are recorded and shown.",
                    "Pass the name of the secret, and read the secret where it is used."
                );
            }
        }

        return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(bytes, StorageJson.Options)!;
    }
}
