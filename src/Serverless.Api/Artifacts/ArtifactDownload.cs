using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Storage.Blobs;

namespace Serverless.Api.Artifacts;

/// <summary>The source of a file's bytes.</summary>
/// <param name="FindAsync">Finds its properties. Null if the file does not exist.</param>
/// <param name="OpenAsync">Opens its bytes, or a range of them. Null if the file does not exist.</param>
internal sealed record ArtifactFile(
    string Path,
    Func<CancellationToken, Task<BlobInfo?>> FindAsync,
    Func<ByteRange?, CancellationToken, Task<BlobContent?>> OpenAsync
);

/// <summary>Responds with a file: whole, a range, only the headers, or not modified.</summary>
internal static class ArtifactDownload
{
    private const int BufferBytes = 256 * 1024;

    /// <returns>False if the file does not exist. Nothing is sent then.</returns>
    public static async Task<bool> TrySendAsync(HttpContext http, ArtifactFile file)
    {
        var (request, response) = (http.Request, http.Response);
        var headers = request.GetTypedHeaders();
        ByteRange? part = null;
        // A plain download is one store request. Conditional and range requests need the file's properties first.
        if (HttpMethods.IsHead(request.Method) || request.Headers.Range.Count > 0 || request.Headers.IfNoneMatch.Count > 0)
        {
            if (await file.FindAsync(http.RequestAborted) is not { } info)
            {
                return false;
            }

            if (headers.IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Tag == info.ETag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.Headers.ETag = info.ETag;
                return true;
            }

            var (range, isSatisfiable) = RangeOf(headers, info);
            if (!isSatisfiable)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{info.Length}");
                return true;
            }

            part = range;
            if (HttpMethods.IsHead(request.Method))
            {
                Describe(response, file.Path, info, part);
                return true;
            }
        }

        await using var content = await file.OpenAsync(part, http.RequestAborted);
        if (content is null)
        {
            return false;
        }

        Describe(response, file.Path, content.Info, part);
        await content.Body.CopyToAsync(response.Body, BufferBytes, http.RequestAborted);
        return true;
    }

    private static void Describe(HttpResponse response, string path, BlobInfo info, ByteRange? part)
    {
        var name = ArtifactPath.NameOf(path);
        response.ContentType = ArtifactMime.Of(name);
        // Never inline: a logged HTML page would run with the privileges of this server's origin.
        response.Headers.ContentDisposition = Disposition(name);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ETag = info.ETag;
        response.Headers.LastModified = info.LastModified.ToString("R", CultureInfo.InvariantCulture);
        response.Headers.AcceptRanges = "bytes";
        response.ContentLength = part?.Count ?? info.Length;
        if (part is { } range)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture,
                $"bytes {range.Offset}-{range.Offset + range.Count - 1}/{info.Length}"
            );
        }
    }

    /// <summary>The requested range. Several ranges, or a range of another version of the file, get the whole file.</summary>
    private static (ByteRange? Range, bool IsSatisfiable) RangeOf(Microsoft.AspNetCore.Http.Headers.RequestHeaders headers, BlobInfo info)
    {
        if (headers.Range is not { Ranges.Count: 1 } asked || !asked.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase))
        {
            return (null, true);
        }

        if (
            headers.IfRange is { } same
            && (same.EntityTag is { } tag ? tag.Tag != info.ETag : same.LastModified < info.LastModified.AddSeconds(-1))
        )
        {
            return (null, true);
        }

        var range = asked.Ranges.First();
        var first = range.From ?? Math.Max(0, info.Length - range.To!.Value);
        var last = range.From is null ? info.Length - 1 : Math.Min(range.To ?? long.MaxValue, info.Length - 1);
        return first > last ? (null, false) : (new ByteRange(first, last - first + 1), true);
    }

    private static string Disposition(string name)
    {
        if (name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
        {
            return $"attachment; filename={name}";
        }

        var quoted = new StringBuilder();
        foreach (var c in name)
        {
            _ = c is '"' or '\\' ? quoted.Append('\\').Append(c) : quoted.Append(c is >= ' ' and < '\x7f' ? c : '_');
        }

        return Ascii.IsValid(name)
            ? $"attachment; filename=\"{quoted}\""
            : $"attachment; filename=\"{quoted}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
