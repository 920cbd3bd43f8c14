using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Storage.Blobs;

namespace Serverless.Storage.Inbox;

/// <summary>A file that somebody dropped.</summary>
/// <param name="Name">The blob's name in the container.</param>
/// <param name="ETag">Changes with every upload, of the same content too.</param>
public sealed record InboxBlob(string Name, string Dataset, string File, string ETag, long Length, DateTimeOffset LastModified)
{
    /// <summary>The upload's identity: delivered as often as may be, it is one event.</summary>
    public string Key =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{InboxStore.ContainerName}\n{Name}\n{ETag.Trim('"')}")))[..32];
}

/// <summary>
/// Where new data is dropped: the container `inbox`, with `{dataset}/{file}` for the workspace `default` and
/// `w/{workspace}/{dataset}/{file}` for any
/// other, as the addresses of the HTTP surface have it. Nothing here is ever changed or deleted.
/// </summary>
public sealed class InboxStore
{
    public const string ContainerName = "inbox";

    private const string OtherWorkspaces = "w/";
    private const string DefaultWorkspace = "default";
    private readonly BlobContainerClient container;
    private readonly string prefix;

    internal InboxStore(BlobContainerClient container, string workspace)
    {
        this.container = container;
        prefix = workspace == DefaultWorkspace ? "" : $"{OtherWorkspaces}{workspace}/";
    }

    /// <summary>Makes the container, for those who upload with tools of their own.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Everything in the inbox of this workspace: one request for each 5,000 files.</summary>
    public async Task<IReadOnlyList<InboxBlob>> ListAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<InboxBlob>();
        try
        {
            await foreach (
                var item in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix.Length == 0 ? null : prefix, cancellationToken)
            )
            {
                if (
                    Of(
                        item.Name,
                        item.Properties.ETag?.ToString("H") ?? "",
                        item.Properties.ContentLength ?? 0,
                        item.Properties.LastModified ?? default
                    ) is
                    { } blob
                )
                {
                    found.Add(blob);
                }
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Nobody has dropped anything yet.
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        return found;
    }

    /// <summary>One blob as it is now, as a trigger names it; null if it is not there or belongs to another workspace.</summary>
    public async Task<InboxBlob?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        await BlobReader.FindAsync(container.GetBlobClient(name), cancellationToken) is { } info
            ? Of(name, info.ETag, info.Length, info.LastModified)
            : null;

    /// <summary>Drops a file.</summary>
    public async Task<InboxBlob> UploadAsync(string dataset, string file, Stream content, CancellationToken cancellationToken = default)
    {
        var name = $"{prefix}{dataset}/{file}";
        var blob = container.GetBlobClient(name);
        var start = content.CanSeek ? content.Position : 0;
        try
        {
            Response<BlobContentInfo> answer;
            try
            {
                answer = await blob.UploadAsync(content, new BlobUploadOptions(), cancellationToken);
            }
            catch (RequestFailedException e) when (e.ErrorCode == "ContainerNotFound" && content.CanSeek)
            {
                await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                content.Position = start;
                answer = await blob.UploadAsync(content, new BlobUploadOptions(), cancellationToken);
            }

            return new InboxBlob(
                name,
                dataset,
                file,
                answer.Value.ETag.ToString("H"),
                content.CanSeek ? content.Length - start : 0,
                answer.Value.LastModified
            );
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Writes the very upload to a file.</summary>
    /// <returns>False if it is there no more: it was removed, or another upload has taken its place and is an event of its own.</returns>
    public async Task<bool> DownloadAsync(InboxBlob blob, string path, CancellationToken cancellationToken = default)
    {
        try
        {
            var conditions = new BlobRequestConditions { IfMatch = new ETag(blob.ETag) };
            await container
                .GetBlobClient(blob.Name)
                .DownloadToAsync(path, new BlobDownloadToOptions { Conditions = conditions }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return false;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <returns>Null for a blob of another workspace, and for one that lies in no dataset's folder.</returns>
    private InboxBlob? Of(string name, string etag, long length, DateTimeOffset modified)
    {
        if (
            !name.StartsWith(prefix, StringComparison.Ordinal)
            || (prefix.Length == 0 && name.StartsWith(OtherWorkspaces, StringComparison.Ordinal))
        )
        {
            return null;
        }

        var path = name[prefix.Length..];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < path.Length - 1
            ? new InboxBlob(name, path[..slash], path[(slash + 1)..], etag, length, modified)
            : null;
    }
}
