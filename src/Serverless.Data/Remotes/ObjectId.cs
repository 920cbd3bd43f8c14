using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Storage.Content;

namespace Serverless.Data.Remotes;

/// <summary>
/// Identifies an object of a cache or a remote: its digest, whether it is a folder's listing, and which of DVC's rules produced the
/// digest.
/// </summary>
public readonly record struct ObjectId(Md5Digest Hash, bool IsDirectory, HashKind Kind = HashKind.Md5)
{
    private const string Md5Folder = "files/md5/";

    /// <summary>Gets the form in pointers: 32 hex digits, followed by `.dir` for a folder.</summary>
    public string Digest => Hash.ToString() + (IsDirectory ? ContentRef.DirectorySuffix : "");

    /// <summary>Gets the path in a remote.</summary>
    public string RemoteName
    {
        get
        {
            var hex = Hash.ToString();
            var folder = Kind == HashKind.Md5 ? Md5Folder : "";
            return $"{folder}{hex.AsSpan(0, 2)}/{hex.AsSpan(2)}{(IsDirectory ? ContentRef.DirectorySuffix : "")}";
        }
    }

    public static ObjectId Parse(string digest, HashKind kind = HashKind.Md5) =>
        TryParse(digest, kind, out var id)
            ? id
            : throw ServerlessException.Invalid($"'{digest}' is not a digest.", "Use 32 hex digits, followed by `.dir` for a folder.");

    public static bool TryParse(ReadOnlySpan<char> digest, HashKind kind, out ObjectId id)
    {
        var isDirectory = digest.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal);
        var hex = isDirectory ? digest[..^ContentRef.DirectorySuffix.Length] : digest;
        id = default;
        if (hex.Length != Md5Digest.HexLength || !TryHex(hex, out var hash))
        {
            return false;
        }

        id = new ObjectId(hash, isDirectory, kind);
        return true;
    }

    /// <returns>Null for files of a remote that are not objects: the run cache, or unrelated files.</returns>
    public static ObjectId? OfRemoteName(ReadOnlySpan<char> name)
    {
        var kind = HashKind.Md5Dos2Unix;
        if (name.StartsWith(Md5Folder, StringComparison.Ordinal))
        {
            kind = HashKind.Md5;
            name = name[Md5Folder.Length..];
        }

        if (name.Length < Md5Digest.HexLength + 1 || name[2] != '/')
        {
            return null;
        }

        Span<char> digest = stackalloc char[Md5Digest.HexLength + ContentRef.DirectorySuffix.Length];
        var length = name.Length - 1;
        if (length > digest.Length)
        {
            return null;
        }

        name[..2].CopyTo(digest);
        name[3..].CopyTo(digest[2..]);
        return TryParse(digest[..length], kind, out var id) ? id : null;
    }

    public byte[] HashBytes()
    {
        var bytes = new byte[Md5Digest.Bytes];
        Hash.CopyTo(bytes);
        return bytes;
    }

    public override string ToString() => Digest;

    /// <summary>Accepts lower case only: another spelling would be another blob.</summary>
    private static bool TryHex(ReadOnlySpan<char> text, out Md5Digest hash)
    {
        hash = default;
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return Md5Digest.TryParse(text, out hash);
    }
}
