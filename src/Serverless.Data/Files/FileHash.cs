using System.Buffers;
using System.Security.Cryptography;
using Serverless.Storage.Content;

namespace Serverless.Data.Files;

/// <summary>Computes the digest of a file in constant memory.</summary>
public static class FileHash
{
    // DVC 2 classifies text and converts line endings block by block.
    private const int BlockSize = 1 << 20;
    private const int TextProbe = 512;

    public static Md5Digest Of(Stream from, HashKind kind = HashKind.Md5, CancellationToken cancellationToken = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int read;
            while ((read = from.ReadAtLeast(buffer.AsSpan(0, BlockSize), BlockSize, throwOnEndOfStream: false)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var block = buffer.AsSpan(0, read);
                hash.AppendData(kind == HashKind.Md5Dos2Unix && IsText(block) ? UnixLines(block) : block);
            }

            Span<byte> digest = stackalloc byte[Md5Digest.Bytes];
            hash.GetHashAndReset(digest);
            return Md5Digest.From(digest);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static Md5Digest Of(string path, HashKind kind = HashKind.Md5, CancellationToken cancellationToken = default)
    {
        using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        return Of(file, kind, cancellationToken);
    }

    /// <summary>
    /// Applies the rule of Perl's `-T`, as DVC 2 did: no NUL in the first 512 bytes and at most 30 % non-text characters.
    /// </summary>
    public static bool IsText(ReadOnlySpan<byte> block)
    {
        var probe = block[..Math.Min(TextProbe, block.Length)];
        var other = 0;
        foreach (var b in probe)
        {
            if (b == 0)
            {
                return false;
            }

            other += b is (>= 0x20 and <= 0x7e) or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\f' or (byte)'\b' ? 0 : 1;
        }

        return probe.Length == 0 || (double)other / probe.Length <= 0.30;
    }

    private static ReadOnlySpan<byte> UnixLines(Span<byte> block)
    {
        var to = 0;
        for (var i = 0; i < block.Length; i++)
        {
            if (block[i] != '\r' || i + 1 >= block.Length || block[i + 1] != '\n')
            {
                block[to++] = block[i];
            }
        }

        return block[..to];
    }
}
