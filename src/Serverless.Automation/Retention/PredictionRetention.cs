using Serverless.Serving.Logging;
using Serverless.Storage;

namespace Serverless.Automation.Retention;

/// <summary>
/// Deletes old predictions with their labels, including those of deleted models. In a cloud, a lifecycle rule may have deleted the
/// blobs already.
/// </summary>
internal sealed class PredictionRetention(Store store)
{
    private readonly LabelTable labels = new(store);

    /// <returns>The number of blobs and rows deleted.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var deleted = await RetentionKeeper.DeleteAsync(
            store.Serving,
            await labels.OldAsync(before, RetentionKeeper.Piece, cancellationToken),
            cancellationToken
        );
        foreach (var model in await store.Predictions.ListFoldersAsync(cancellationToken))
        {
            if (deleted >= RetentionKeeper.Piece)
            {
                break;
            }

            deleted += await store.Predictions.DeleteBeforeAsync(
                $"{model}/",
                LogNames.HourPrefix(model, before),
                RetentionKeeper.Piece,
                cancellationToken
            );
        }

        return deleted;
    }
}
