using System.Runtime.InteropServices;
using System.Text;
using Serverless.Core;

namespace Serverless.Data.Files;

/// <summary>The metadata of a file. Equal metadata means that nobody wrote the file in between.</summary>
public readonly record struct FileStat(ulong Device, ulong Inode, long Size, long ModifiedNs, long ChangedNs, uint Mode)
{
    private const uint TypeMask = 0xF000;

    public bool IsFile => (Mode & TypeMask) == 0x8000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsLink => (Mode & TypeMask) == 0xA000;

    /// <summary>Gets a value that indicates whether the owner may execute the file.</summary>
    public bool IsExecutable => (Mode & 0x40) != 0;

    /// <summary>
    /// Returns true for the same file with the same content, judging by times and size. A change of permissions alone does not count.
    /// </summary>
    public bool SameContent(in FileStat other) =>
        Device == other.Device
        && Inode == other.Inode
        && Size == other.Size
        && ModifiedNs == other.ModifiedNs
        && ChangedNs == other.ChangedNs;

    /// <summary>
    /// Gets eight bytes that represent everything that <see cref="SameContent"/> compares, for keeping a million of them in memory.
    /// </summary>
    public ulong Fingerprint => Mixed(Mixed(Mixed(Mixed(Mixed(0, Device), Inode), (ulong)Size), (ulong)ModifiedNs), (ulong)ChangedNs);

    private static ulong Mixed(ulong sum, ulong value)
    {
        sum = (sum ^ value) * 0x9E3779B97F4A7C15UL;
        return sum ^ (sum >> 32);
    }

    /// <summary>Reads the metadata of a path. Returns null if it does not exist. Follows links unless stated otherwise.</summary>
    public static FileStat? Of(string path, bool follow = true)
    {
        if (OperatingSystem.IsLinux())
        {
            return LinuxStat.Of(path, follow);
        }

        FileSystemInfo item = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (!item.Exists)
        {
            return null;
        }

        var mode =
            item is DirectoryInfo ? 0x4000u
            : item.LinkTarget is not null && !follow ? 0xA000u
            : 0x8000u;
        mode |= OperatingSystem.IsWindows() ? 0x180 : (uint)item.UnixFileMode;
        return new FileStat(0, 0, (item as FileInfo)?.Length ?? 0, Ns(item.LastWriteTimeUtc), Ns(item.CreationTimeUtc), mode);
    }

    private static long Ns(DateTime time) => (time - DateTime.UnixEpoch).Ticks * 100;
}

/// <summary>Calls statx(2), the only call whose record is the same on every Linux. .NET's file information has no inode.</summary>
internal static unsafe partial class LinuxStat
{
    private const int AtCwd = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const int NotFound = 2;
    private const int NotADirectory = 20;
    private const int TooManyLinks = 40;
    private const int Denied = 13;

    public static FileStat? Of(string path, bool follow)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var length = Encoding.UTF8.GetMaxByteCount(path.Length) + 1;
        var name = length <= buffer.Length ? buffer : new byte[length];
        name[Encoding.UTF8.GetBytes(path, name)] = 0;
        Statx found;
        int result;
        fixed (byte* at = name)
        {
            result = statx(AtCwd, at, follow ? 0 : NoFollow, BasicStats, &found);
        }

        if (result == 0)
        {
            return new FileStat(
                ((ulong)found.DeviceMajor << 32) | found.DeviceMinor,
                found.Inode,
                (long)found.Size,
                Ns(found.Modified),
                Ns(found.Changed),
                found.Mode
            );
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NotFound or NotADirectory => null,
            TooManyLinks => throw ServerlessException.Invalid(
                $"'{path}' is a symbolic link that leads back to itself.",
                "Remove the link."
            ),
            Denied => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
            var error => throw new IOException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    private static long Ns(Timestamp time) => (time.Seconds * 1_000_000_000) + time.Nanoseconds;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, Statx* found);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Statx
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint User;
        public uint Group;
        public ushort Mode;
        public ushort Spare;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public Timestamp Accessed;
        public Timestamp Born;
        public Timestamp Changed;
        public Timestamp Modified;
        public uint RawMajor;
        public uint RawMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
    }
}
