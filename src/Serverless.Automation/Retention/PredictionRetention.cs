using Serverless.Serving.Logging;
using Serverless.Storage;

namespace Serverless.Automation.Retention;

/// <summary>
/// Deletes predictions of long ago with their labels, those of models that were deleted, too. In a cloud, a lifecycle rule may have taken
/// the blobs already.
/// </summary>
internal sealed class PredictionRetention(Store store)
{
    private readonly LabelTable labels = new(store);

    /// <returns>How many blobs and rows went.</returns>
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
