using System.Security.Cryptography;
using Serverless.Storage.Blobs;

namespace Serverless.Storage.Content;

/// <summary>Passes a stream on and fails at its end if the bytes do not have the expected MD5.</summary>
internal sealed class CheckedStream(Stream inner, string digest, Func<Exception> corrupt) : ReadStream(inner)
{
    private readonly Stream inner = inner;
    private readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private bool isChecked;

    public override async ValueTask DisposeAsync()
    {
        md5.Dispose();
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            md5.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override void Take(ReadOnlySpan<byte> bytes, bool isProbe)
    {
        if (!bytes.IsEmpty)
        {
            md5.AppendData(bytes);
        }
        else if (!isProbe && !isChecked)
        {
            isChecked = true;
            if (Convert.ToHexStringLower(md5.GetHashAndReset()) != digest)
            {
                throw corrupt();
            }
        }
    }
}
