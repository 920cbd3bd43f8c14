using Serverless.Core;
using Serverless.Data.Configuration;
using Serverless.Data.Files;
using Serverless.Storage.Content;

namespace Serverless.Data.Cache;

/// <summary>The way a file of the cache gets into the workspace.</summary>
public enum LinkKind
{
    Reflink,
    Copy,
    Hardlink,
    Symlink,
}

/// <summary>
/// Stores content by digest on this machine in DVC's layout: `files/md5/ab/cdef…[.dir]`, or `ab/cdef…` for DVC 2. An object appears as a
/// whole or not at all and is read-only; one that has become writable is hashed again before it is trusted.
/// </summary>
public sealed class LocalCache
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Writable = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly bool shared;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> made = new(StringComparer.Ordinal);

    public LocalCache(string folder, IReadOnlyList<LinkKind>? links = null, bool shared = false)
    {
        Folder = folder;
        Links = links ?? [LinkKind.Reflink, LinkKind.Copy];
        this.shared = shared;
    }

    public string Folder { get; }

    /// <summary>Gets the kinds of links to try, in order of preference.</summary>
    public IReadOnlyList<LinkKind> Links { get; }

    /// <summary>Returns the path of an object, whether it exists or not. A folder's <paramref name="digest"/> ends in `.dir`.</summary>
    public string PathOf(string digest, HashKind kind = HashKind.Md5) =>
        kind == HashKind.Md5
            ? $"{Folder}/files/md5/{digest.AsSpan(0, 2)}/{digest.AsSpan(2)}"
            : $"{Folder}/{digest.AsSpan(0, 2)}/{digest.AsSpan(2)}";

    /// <summary>
    /// Returns true if the object exists. If it was writable, also checks its content against its name and removes a corrupt object.
    /// </summary>
    public bool Contains(string digest, HashKind kind = HashKind.Md5)
    {
        var path = PathOf(digest, kind);
        if (FileStat.Of(path) is not { } stat)
        {
            return false;
        }

        if ((stat.Mode & 0x92) == 0 || OperatingSystem.IsWindows())
        {
            return true;
        }

        var isFolder = digest.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal);
        if (FileHash.Of(path, isFolder ? HashKind.Md5 : kind).ToString() == (isFolder ? digest[..^4] : digest))
        {
            Protect(path);
            return true;
        }

        TemporaryFiles.TryDelete(path);
        return false;
    }

    public Stream Open(string digest, HashKind kind = HashKind.Md5)
    {
        try
        {
            return new FileStream(
                PathOf(digest, kind),
                new FileStreamOptions { BufferSize = 1 << 16, Options = FileOptions.SequentialScan }
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(digest);
        }
    }

    /// <summary>Reads a folder's listing.</summary>
    public DirectoryListing OpenListing(string digest, HashKind kind = HashKind.Md5)
    {
        using var file = Open(digest, kind);
        return DirectoryListing.Read(file, digest);
    }

    /// <summary>Stores a listing. Store its files first, because the presence of a listing implies them.</summary>
    public void Put(DirectoryListing listing) => Put(listing.Digest, listing.WriteTo);

    /// <summary>Stores what <paramref name="write"/> writes, unless the object exists. The caller vouches for the digest.</summary>
    public void Put(string digest, Action<Stream> write, HashKind kind = HashKind.Md5)
    {
        if (Contains(digest, kind))
        {
            return;
        }

        var temporary = TemporaryPath(digest, kind);
        try
        {
            using (var file = Create(temporary))
            {
                write(file);
            }

            Commit(temporary, digest, kind);
        }
        catch
        {
            TemporaryFiles.TryDelete(temporary);
            throw;
        }
    }

    /// <summary>
    /// Returns a path on the cache's disk for a file that is still being written. <see cref="Commit"/> gives it its name.
    /// </summary>
    public string TemporaryPath(string digest, HashKind kind = HashKind.Md5)
    {
        var folder = Path.GetDirectoryName(PathOf(digest, kind))!;
        made.GetOrAdd(folder, MakeFolder);
        return TemporaryFiles.Beside(Path.Combine(folder, "x"));
    }

    /// <summary>Returns a path for a file whose digest is not known yet.</summary>
    public string TemporaryPath() => TemporaryPath("00");

    public void Commit(string temporary, string digest, HashKind kind = HashKind.Md5)
    {
        made.GetOrAdd(Path.GetDirectoryName(PathOf(digest, kind))!, MakeFolder);
        Protect(temporary);
        File.Move(temporary, PathOf(digest, kind), overwrite: true);
    }

    internal static FileStream Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = ReadOnly;
        }

        return new FileStream(path, options);
    }

    internal static LocalCache Of(RepositoryConfig config, string controlFolder) =>
        new(
            config.Location("cache", "dir") ?? Path.Combine(controlFolder, "cache"),
            config["cache", "type"]?.Split([',', ' ', '[', ']', '\'', '"'], StringSplitOptions.RemoveEmptyEntries).Select(KindOf).ToList(),
            config["cache", "shared"] is "group"
        );

    internal static ServerlessException Missing(string digest) =>
        ServerlessException.NotFound($"The content '{digest}' is not in the cache.", "Fetch it from a remote with `mlops pull`.");

    private static LinkKind KindOf(string name) =>
        name.ToLowerInvariant() switch
        {
            "reflink" => LinkKind.Reflink,
            "copy" => LinkKind.Copy,
            "hardlink" => LinkKind.Hardlink,
            "symlink" => LinkKind.Symlink,
            _ => throw ServerlessException.Invalid(
                $"config file error: unsupported cache type '{name}'",
                "Use reflink, copy, hardlink or symlink."
            ),
        };

    private bool MakeFolder(string folder)
    {
        if (shared && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            Directory.CreateDirectory(folder, (UnixFileMode)0b10_111_111_101);
            File.SetUnixFileMode(folder, (UnixFileMode)0b10_111_111_101);
        }
        else
        {
            Directory.CreateDirectory(folder);
        }

        return true;
    }

    private static void Protect(string path)
    {
        try
        {
            if (
                !OperatingSystem.IsWindows()
                && FileStat.Of(path) is { } stat
                && ((UnixFileMode)(stat.Mode & 0x1ff) & (Writable | ReadOnly)) != ReadOnly
            )
            {
                File.SetUnixFileMode(path, ReadOnly);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An object of another user in a shared cache: leave it unchanged.
        }
    }
}
