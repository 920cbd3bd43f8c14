using Serverless.Data.Files;
using Serverless.Storage.Content;

namespace Serverless.Data.Remotes;

/// <summary>
/// What is known to be in a remote: folders' listings that were seen there, with their files. A listing that still is there proves its
/// files, so one request tells of thousands of them. It is a memory only: lost or stale, it costs requests, never data.
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

    /// <summary>The listings that were seen, the latest first.</summary>
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

    /// <summary>The files of a listing that was seen.</summary>
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

    /// <summary>Remembers a listing that was seen again: most often it is known, and only its turn changes.</summary>
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
            // Without it the next push asks a little more.
        }
    }

    public void Remove(ObjectId listing) => TemporaryFiles.TryDelete(Path.Combine(folder, listing.Digest));

    /// <summary>After something was removed from the remote by other means than listings first.</summary>
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
