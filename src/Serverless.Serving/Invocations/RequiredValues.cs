using System.Globalization;
using Serverless.Core;
using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>
/// Nulls by MLflow's signature enforcement: a required integer or boolean column must not contain nulls. Floating-point and text columns
/// may, and the model decides what a missing value means.
/// </summary>
internal static class RequiredValues
{
    public static void Check(IReadOnlyList<SignatureColumn> inputs, ServingInput input)
    {
        foreach (var column in input.Columns)
        {
            if (
                column.Values.NullCount == 0
                || inputs.FirstOrDefault(i => i.Name == column.Values.Name)
                    is not { Required: true, Type: SignatureType.Long or SignatureType.Boolean } required
            )
            {
                continue;
            }

            var row = Enumerable.Range(0, column.Values.Length).First(column.Values.IsNull);
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The data does not fit the model's signature: column '{required.Name}' must be "
                        + $"{required.Type.ToString().ToLowerInvariant()} in every row, but is null in row {row}."
                ),
                "Give a value in every row."
            );
        }
    }
}
