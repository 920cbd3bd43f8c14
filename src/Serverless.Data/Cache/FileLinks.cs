using System.Runtime.InteropServices;

namespace Serverless.Data.Cache;

/// <summary>Creates links between the cache and the workspace that .NET has no API for.</summary>
internal static partial class FileLinks
{
    private const nuint CloneRequest = 0x40049409;

    // Determined once: a file system that cannot clone does not start to.
    private static volatile bool noClones;

    /// <summary>Creates a copy that shares disk blocks until one of the two is written (btrfs, xfs, …), read-only like the cache. Returns
    /// false if that is not possible.</summary>
    public static bool TryClone(string from, string to) => TryClone(from, () => LocalCache.Create(to));

    /// <summary>Creates the same kind of copy with the permissions of a new file of this user.</summary>
    public static bool TryCloneWritable(string from, string to) => TryClone(from, () => New(to));

    public static void Copy(string from, string to)
    {
        using var source = Source(from);
        using var target = New(to);
        source.CopyTo(target, source.Length > 1 << 20 ? 1 << 20 : 1 << 16);
    }

    /// <summary>Returns false if the two paths are on different disks or the file system does not support the link.</summary>
    public static bool TryHardlink(string from, string to) => !OperatingSystem.IsWindows() && link(from, to) == 0;

    private static bool TryClone(string from, Func<FileStream> create)
    {
        if (noClones || !OperatingSystem.IsLinux())
        {
            return false;
        }

        string name;
        using (var source = Source(from))
        using (var target = create())
        {
            if (
                ioctl(
                    target.SafeFileHandle.DangerousGetHandle().ToInt32(),
                    CloneRequest,
                    source.SafeFileHandle.DangerousGetHandle().ToInt32()
                ) == 0
            )
            {
                return true;
            }

            name = target.Name;
        }

        noClones = true;
        File.Delete(name);
        return false;
    }

    private static FileStream Source(string path) =>
        new(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });

    private static FileStream New(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
            }
        );

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int file, nuint request, int argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);
}
