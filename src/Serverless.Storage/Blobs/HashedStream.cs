using System.Security.Cryptography;

namespace Serverless.Storage.Blobs;

/// <summary>Passes a stream on and keeps the md5 of what was read. The stream itself stays open.</summary>
public sealed class HashedStream(Stream inner) : ReadStream(inner)
{
    private readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    /// <summary>Of all that was read so far; it begins anew then.</summary>
    public byte[] Digest() => md5.GetHashAndReset();

    protected override void Take(ReadOnlySpan<byte> bytes, bool isProbe) => md5.AppendData(bytes);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            md5.Dispose();
        }

        base.Dispose(disposing);
    }
}
