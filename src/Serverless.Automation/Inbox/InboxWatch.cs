using Serverless.Automation.Policies.Engine;
using Serverless.Core;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Scans the inbox for unprocessed uploads. The local host does this continuously, the cloud's timer for uploads that its trigger missed.
/// Processed uploads are remembered, so that a scan without new uploads is one list call.
/// </summary>
public sealed class InboxWatch(PolicyEngine engine, Action<string> tell)
{
    private readonly InboxHandler handler = new(engine);
    private readonly DatasetStore datasets = new(engine.Options.Store);
    private readonly HashSet<string> answered = new(StringComparer.Ordinal);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    /// <returns>The number of uploads processed.</returns>
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
                    // One read for all processed uploads instead of one per file.
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
                // An upload that fails now must not block the others. It is retried with the next scan.
                tell($"Upload {blob.Name} failed and will be retried: {(e is ServerlessException ? e.Message : e.ToString())}");
            }
        }

        return taken;
    }
}
