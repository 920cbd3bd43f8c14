using Serverless.Core;

namespace Serverless.Tracking.Models;

/// <summary>
/// Changes models. A change is worked out from what this process knows, and written at once: one round trip. If that was old, the
/// store refuses the transaction, and the change is worked out again from what is there.
/// </summary>
internal sealed class ModelWriter(ModelTable table, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public ModelTable Table => table;

    public Task<ModelState> UpdateAsync(string name, Func<ModelState?, ModelEdit> change, CancellationToken cancellationToken) =>
        UpdateAsync(name, state => ValueTask.FromResult(change(state)), cancellationToken);

    /// <param name="change">What to write, for the model as it is, or null if there is none of that name. It may be asked several
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
    /// What this process knows may be old: neither a refusal nor "nothing to do" counts then, only a transaction that went through.
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
