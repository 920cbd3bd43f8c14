using Serverless.Data.Files;
using Serverless.Storage.Content;

namespace Serverless.Data.Remotes;

/// <summary>
/// Remembers what is in a remote: folder listings that were seen there, with their files. A listing that still exists implies its files,
/// so one request covers thousands of them. If the index is lost or stale, it costs requests, never data.
/// </summary>
public sealed class RemoteIndex
{
    private const int MaxListings = 64;
    private readonly string folder;

    /// <param name="temporaryFolder">The repository's `.dvc/tmp`.</param>
    public RemoteIndex(string temporaryFolder, IRemote remote)
    {
        var key = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(remote.Url)))[
            ..16
        ];
        folder = Path.Combine(temporaryFolder, "mlops-remotes", key);
    }

    /// <summary>Gets the listings that were seen, latest first.</summary>
    public IReadOnlyList<ObjectId> Listings()
    {
        try
        {
            return !Directory.Exists(folder)
                ? []
                :
                [
                    .. new DirectoryInfo(folder)
                        .EnumerateFiles("*.dir")
                        .OrderByDescending(f => f.LastWriteTimeUtc)
                        .Take(MaxListings)
                        .Where(f => ObjectId.TryParse(f.Name, HashKind.Md5, out _))
                        .Select(f => ObjectId.Parse(f.Name)),
                ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Returns the files of a listing that was seen.</summary>
    public IEnumerable<Md5Digest> FilesOf(ObjectId listing)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(Path.Combine(folder, listing.Digest));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        for (var at = 0; at + Md5Digest.Bytes <= bytes.Length; at += Md5Digest.Bytes)
        {
            yield return Md5Digest.From(bytes.AsSpan(at, Md5Digest.Bytes));
        }
    }

    /// <summary>Records that a listing was seen again. Usually it is known, and only its position changes.</summary>
    public void Note(ObjectId listing, Func<IEnumerable<Md5Digest>> files)
    {
        try
        {
            var path = Path.Combine(folder, listing.Digest);
            if (File.Exists(path))
            {
                File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        Add(listing, files());
    }

    public void Add(ObjectId listing, IEnumerable<Md5Digest> files)
    {
        try
        {
            Directory.CreateDirectory(folder);
            TemporaryFiles.Write(
                Path.Combine(folder, listing.Digest),
                to =>
                {
                    using var buffered = new BufferedStream(to, 1 << 16);
                    Span<byte> entry = stackalloc byte[Md5Digest.Bytes];
                    foreach (var file in files)
                    {
                        file.CopyTo(entry);
                        buffered.Write(entry);
                    }
                }
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without it, the next push sends a few more requests.
        }
    }

    public void Remove(ObjectId listing) => TemporaryFiles.TryDelete(Path.Combine(folder, listing.Digest));

    /// <summary>Clears the index after objects were removed from the remote in another order than listings first.</summary>
    public void Clear()
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
