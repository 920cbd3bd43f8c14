using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core;

namespace Serverless.Storage.Blobs;

/// <summary>Reads blobs without holding more of them than a buffer.</summary>
internal static class BlobReader
{
    /// <returns>Null if there is no such blob.</returns>
    public static async Task<BlobInfo?> FindAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            var properties = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            return new BlobInfo(properties.ContentLength, Quoted(properties.ETag), properties.LastModified);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Opens a blob, or a part of it that lies inside of it. A connection that breaks is taken up again where it broke.</summary>
    /// <returns>Null if there is no such blob.</returns>
    public static async Task<BlobContent?> OpenAsync(BlobClient blob, ByteRange? range, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenExistingAsync(blob, range, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            throw ServerlessException.Unavailable("The file became shorter while it was asked for.", "Ask again.", e);
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Opens a blob that is there; what goes wrong is the client's own exception.</summary>
    public static async Task<BlobContent> OpenExistingAsync(BlobClient blob, ByteRange? range, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Range = range is { } part ? new HttpRange(part.Offset, part.Count) : default };
        var answer = (await blob.DownloadStreamingAsync(options, cancellationToken)).Value;
        var length = answer.Details.ContentRange is { Length: > 0 } whole
            ? long.Parse(whole.AsSpan(whole.LastIndexOf('/') + 1), CultureInfo.InvariantCulture)
            : answer.Details.ContentLength;
        return new BlobContent(new BlobInfo(length, Quoted(answer.Details.ETag), answer.Details.LastModified), answer.Content);
    }

    private static string Quoted(ETag tag) => tag.ToString("H");
}
