using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Training.Evaluation;

/// <summary>Reads a file for a model.</summary>
public static class ModelData
{
    /// <summary>
    /// A category of `1`, `2` and `n/a` is text to the model even where a file happens to hold only numbers of it, so what the
    /// signature says of a column wins over what the file looks like.
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
