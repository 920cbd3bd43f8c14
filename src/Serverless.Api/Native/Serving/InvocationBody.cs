using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Api.Native.Serving;

/// <summary>Reads and decompresses the whole body of a request, up to a limit that applies to the decompressed size, too.</summary>
internal static class InvocationBody
{
    public const long Limit = 64 << 20;
    private const int FirstBuffer = 4096;

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Limit;
        }

        if (http.Request.ContentLength > Limit)
        {
            throw InvocationErrors.TooLarge(Limit);
        }

        await using var body = Unpacked(http.Request);
        var bytes = new byte[http.Request.ContentLength is { } length and > 0 ? (int)length + 1 : FirstBuffer];
        var count = 0;
        try
        {
            while (await body.ReadAsync(bytes.AsMemory(count), http.RequestAborted) is var read and > 0)
            {
                count += read;
                if (count > Limit)
                {
                    throw InvocationErrors.TooLarge(Limit);
                }

                if (count == bytes.Length)
                {
                    Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, Limit + 1));
                }
            }
        }
        catch (InvalidDataException)
        {
            throw InvocationErrors.Bad("The request body does not match its Content-Encoding.");
        }

        return bytes.AsMemory(0, count);
    }

    private static Stream Unpacked(HttpRequest request) =>
        request.Headers.ContentEncoding.ToString().Trim() switch
        {
            "" or "identity" => request.Body,
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
            "br" => new BrotliStream(request.Body, CompressionMode.Decompress),
            var other => throw InvocationErrors.MediaType($"Content-Encoding '{other}' is not supported: use gzip, deflate or br."),
        };
}
