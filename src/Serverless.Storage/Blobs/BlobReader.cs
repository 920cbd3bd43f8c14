using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core;

namespace Serverless.Storage.Blobs;

/// <summary>Reads blobs with no more than one buffer in memory.</summary>
internal static class BlobReader
{
    /// <returns>Null if the blob does not exist.</returns>
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

    /// <summary>Opens a blob or a range within it. A broken connection resumes where it broke.</summary>
    /// <returns>Null if the blob does not exist.</returns>
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
            throw ServerlessException.Unavailable("The file was shortened during the request.", "Repeat the request.", e);
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Opens an existing blob. Errors are the client's own exceptions.</summary>
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
