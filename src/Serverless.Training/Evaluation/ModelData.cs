using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Training.Evaluation;

/// <summary>Reads a file for a model.</summary>
public static class ModelData
{
    /// <summary>
    /// The model's signature takes precedence over the look of the file: a category with values `1`, `2` and `n/a` is text to the model
    /// even if a file happens to contain only its numbers.
    /// </summary>
    public static async Task<ColumnFrame> ReadAsync(string path, ModelManifest model, CancellationToken cancellationToken)
    {
        var frame = await ColumnReader.ReadAsync(path, new ColumnReaderOptions { RequireRows = true }, cancellationToken);
        var types = SignatureCheck.TypesFor(model.Inputs, frame);
        return types.Count == 0
            ? frame
            : await ColumnReader.ReadAsync(path, new ColumnReaderOptions { RequireRows = true, Types = types }, cancellationToken);
    }
}
