using Serverless.Automation.Policies.Engine;
using Serverless.Core;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Looks through the inbox for uploads that nobody has answered: what the local host does all the time, and the cloud's clock for what its
/// trigger missed. What was answered is remembered, so that a look with nothing new is one list.
/// </summary>
public sealed class InboxWatch(PolicyEngine engine, Action<string> tell)
{
    private readonly InboxHandler handler = new(engine);
    private readonly DatasetStore datasets = new(engine.Options.Store);
    private readonly HashSet<string> answered = new(StringComparer.Ordinal);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    /// <returns>How many uploads were taken in.</returns>
    public async Task<int> LookAsync(CancellationToken cancellationToken = default)
    {
        var taken = 0;
        // The list comes sorted by name. Versions follow the order of upload, or `take: latest` would follow the alphabet.
        var blobs = await engine.Options.Store.Inbox.ListAsync(cancellationToken);
        foreach (var blob in blobs.OrderBy(b => b.LastModified).ThenBy(b => b.Name, StringComparer.Ordinal))
        {
            if (answered.Contains(blob.Key))
            {
                continue;
            }

            try
            {
                if (known.Add(blob.Dataset))
                {
                    // One read for all that was answered before, instead of one a file.
                    answered.UnionWith(
                        (await datasets.ListUploadsAsync(blob.Dataset, cancellationToken)).Where(u => u.IsAnswered).Select(u => u.Key)
                    );
                    if (answered.Contains(blob.Key))
                    {
                        continue;
                    }
                }

                if (await handler.HandleAsync(blob, cancellationToken) is { } upload)
                {
                    tell($"Upload {blob.Name}: {(upload.State == UploadState.Refused ? upload.Reason : $"version {upload.Version}")}");
                }

                answered.Add(blob.Key);
                taken++;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One upload that cannot be taken in now must not keep the others waiting; it is tried again with the next look.
                tell($"Upload {blob.Name} has to wait: {(e is ServerlessException ? e.Message : e.ToString())}");
            }
        }

        return taken;
    }
}
