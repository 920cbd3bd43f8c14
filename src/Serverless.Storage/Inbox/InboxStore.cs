using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Storage.Blobs;

namespace Serverless.Storage.Inbox;

/// <summary>A file that was uploaded to the inbox.</summary>
/// <param name="Name">The blob's name in the container.</param>
/// <param name="ETag">Changes with every upload, even of the same content.</param>
public sealed record InboxBlob(string Name, string Dataset, string File, string ETag, long Length, DateTimeOffset LastModified)
{
    /// <summary>Gets the identity of the upload. It is one event, however often it is delivered.</summary>
    public string Key =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{InboxStore.ContainerName}\n{Name}\n{ETag.Trim('"')}")))[..32];
}

/// <summary>
/// Receives new data in the container `inbox`: `{dataset}/{file}` for the workspace `default`, and `w/{workspace}/{dataset}/{file}` for
/// any other, like the paths of the HTTP API. Nothing here is ever changed or deleted.
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

    /// <summary>Creates the container, for users who upload with their own tools.</summary>
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

    /// <summary>Lists everything in the inbox of this workspace, with one request for each 5,000 files.</summary>
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
            // Nothing has been uploaded yet.
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        return found;
    }

    /// <summary>
    /// Returns the current state of a blob that a trigger names, or null if it is missing or belongs to another workspace.
    /// </summary>
    public async Task<InboxBlob?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        await BlobReader.FindAsync(container.GetBlobClient(name), cancellationToken) is { } info
            ? Of(name, info.ETag, info.Length, info.LastModified)
            : null;

    /// <summary>Uploads a file.</summary>
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

    /// <summary>Writes exactly this upload to a file.</summary>
    /// <returns>False if it no longer exists: it was removed, or a newer upload, which is a separate event, replaced it.</returns>
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

    /// <returns>Null for a blob of another workspace, or one outside any dataset's folder.</returns>
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
