using Serverless.Core;

namespace Serverless.Tracking.Models;

/// <summary>
/// Changes models. A change is computed from this process's state and written at once: one round trip. If that state was stale, the store
/// rejects the transaction and the change is computed again from the current state.
/// </summary>
internal sealed class ModelWriter(ModelTable table, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public ModelTable Table => table;

    public Task<ModelState> UpdateAsync(string name, Func<ModelState?, ModelEdit> change, CancellationToken cancellationToken) =>
        UpdateAsync(name, state => ValueTask.FromResult(change(state)), cancellationToken);

    /// <param name="change">Returns what to write for the model, or for null if the model does not exist. May be called several
    /// times.</param>
    public async Task<ModelState> UpdateAsync(
        string name,
        Func<ModelState?, ValueTask<ModelEdit>> change,
        CancellationToken cancellationToken
    )
    {
        using var turn = await table.Memory.EnterAsync(name, cancellationToken);
        if (table.Memory.Find(name) is { } known && await TryAsync(known, change, cancellationToken) is { } written)
        {
            return written;
        }

        while (true)
        {
            var state = await table.FindAsync(name, cancellationToken);
            var edit = await change(state);
            if (edit.IsEmpty)
            {
                return state!;
            }

            if (await table.CommitAsync(state!, edit, cancellationToken) is { } changed)
            {
                return changed;
            }
        }
    }

    /// <summary>
    /// This process's state may be stale: an error or "nothing to do" does not count then, only a transaction that was accepted.
    /// </summary>
    private async Task<ModelState?> TryAsync(
        ModelState state,
        Func<ModelState?, ValueTask<ModelEdit>> change,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var edit = await change(state);
            return edit.IsEmpty ? null : await table.CommitAsync(state, edit, cancellationToken);
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            return null;
        }
    }
}
