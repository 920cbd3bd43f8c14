using System.Security.Cryptography;

namespace Serverless.Storage.Blobs;

/// <summary>Passes a stream on and computes the MD5 of what is read. The stream itself stays open.</summary>
public sealed class HashedStream(Stream inner) : ReadStream(inner)
{
    private readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    /// <summary>Returns the digest of everything read so far and resets it.</summary>
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
