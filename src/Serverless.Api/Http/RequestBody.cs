using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Api.Http;

/// <summary>The one place that reads a body into memory: whole, unpacked, and never more than its limits.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 4096;
    private const int MostAnnounced = 1 << 20;

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, BodyLimits limits)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // One byte more, so that it is this place that says what the limit is.
            size.MaxRequestBodySize = limits.Bytes + 1;
        }

        if (http.Request.ContentLength > limits.Bytes)
        {
            throw TooLarge(limits);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(limits.Time);
        await using var body = Unpacked(http.Request, limits);
        // What a client announces is not yet there: memory grows with what comes.
        var bytes = new byte[http.Request.ContentLength is { } length and > 0 and < MostAnnounced ? (int)length + 1 : FirstBuffer];
        var count = 0;
        try
        {
            while (await body.ReadAsync(bytes.AsMemory(count), deadline.Token) is var read and > 0)
            {
                count += read;
                if (count > limits.Bytes)
                {
                    throw TooLarge(limits);
                }

                if (count == bytes.Length)
                {
                    Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, limits.Bytes + 1));
                }
            }
        }
        catch (InvalidDataException)
        {
            throw new ServerlessException(ErrorCodes.BadRequest, "The request body is not what its Content-Encoding says.");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(limits);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new ServerlessException(
                ErrorCodes.BadRequest,
                FormattableString.Invariant($"The request body did not arrive within {limits.Time.TotalSeconds} s."),
                "Send it in smaller parts.",
                StatusCodes.Status408RequestTimeout
            );
        }

        return bytes.AsMemory(0, count);
    }

    private static Stream Unpacked(HttpRequest request, BodyLimits limits)
    {
        // The packed bytes count as well: gzip of nothing is still something to read.
        Stream Packed() => new BoundedStream(request.Body, limits.Bytes, () => TooLarge(limits));
        return request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
        {
            "" or "identity" => request.Body,
            "gzip" or "x-gzip" => new GZipStream(Packed(), CompressionMode.Decompress),
            "deflate" => new ZLibStream(Packed(), CompressionMode.Decompress),
            var other => throw new ServerlessException(
                ErrorCodes.BadRequest,
                $"Content-Encoding '{(other.Length > 40 ? other[..40] : other)}' is neither gzip nor deflate.",
                status: StatusCodes.Status415UnsupportedMediaType
            ),
        };
    }

    private static ServerlessException TooLarge(BodyLimits limits) =>
        new(
            ErrorCodes.BadRequest,
            $"The request body is larger than {limits.Shown}, unpacked.",
            "Send it in several requests.",
            StatusCodes.Status413PayloadTooLarge
        );
}
