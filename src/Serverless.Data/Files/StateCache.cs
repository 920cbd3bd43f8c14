using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Serverless.Core;
using Serverless.Storage.Content;

namespace Serverless.Data.Files;

/// <summary>
/// Remembers the digests of unchanged files, so that nothing is hashed twice. A file is identified by device, inode, size and both times,
/// so a renamed file stays known. Any doubt (a wrong checksum, another version, a file written in the clock tick in which it was hashed)
/// means that the file is hashed again.
/// </summary>
/// <remarks>
/// One file: a header of 32 bytes (magic, version, count, checksum), then records of 64 bytes. Two writers: the last one wins.
/// </remarks>
public sealed class StateCache(string path, TimeProvider? clock = null)
{
    private const ulong Magic = 0x31_45_54_41_54_53_4C_4D;
    private const int HeaderSize = 32;
    private const long Settled = long.MaxValue;

    // A kernel's clock of file times ticks every 1 to 10 ms; file systems with whole seconds may round to two.
    private const long TickNs = 20_000_000;
    private const long CoarseTickNs = 2_000_000_000;
    private const long RefreshNs = 30L * 24 * 3600 * 1_000_000_000;
    private const long ForgetNs = 6 * RefreshNs;

    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly Lock turn = new();
    private Entry[]? records;
    private int[] slots = [];
    private int count;
    private bool changed;

    /// <summary>
    /// Returns nanoseconds since 1970. Call it before reading a file's metadata, and pass the value with what was read afterwards.
    /// </summary>
    public long Now => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public Md5Digest? Find(in FileStat stat, HashKind kind = HashKind.Md5)
    {
        lock (turn)
        {
            Load();
            ref var record = ref Slot(stat, kind, out var found);
            if (
                !found
                || record.Size != stat.Size
                || record.ModifiedNs != stat.ModifiedNs
                || record.ChangedNs != stat.ChangedNs
                || !Trusted(record)
            )
            {
                return null;
            }

            if (record.RecordedNs != Settled && Now - record.RecordedNs > RefreshNs)
            {
                (record.RecordedNs, changed) = (Now, true);
            }

            return record.Digest;
        }
    }

    /// <summary>
    /// Records the state of a file when it was read. <paramref name="readFromNs"/> is <see cref="Now"/> from before its metadata was read.
    /// </summary>
    public void Record(in FileStat stat, Md5Digest digest, long readFromNs, HashKind kind = HashKind.Md5) =>
        Put(stat, digest, readFromNs, kind);

    /// <summary>Records a file that this process wrote. Its content is known; any later writer comes after <see cref="Save"/>.</summary>
    public void RecordWritten(in FileStat stat, Md5Digest digest) => Put(stat, digest, Settled, HashKind.Md5);

    /// <summary>Reserves capacity for a number of files.</summary>
    internal void Reserve(int more)
    {
        lock (turn)
        {
            Load();
            if (records!.Length < count + more)
            {
                Grow(more);
            }
        }
    }

    /// <summary>Writes what was learned. A failed write only costs time later, so it is not reported.</summary>
    public void Save()
    {
        lock (turn)
        {
            if (!changed || records is null)
            {
                return;
            }

            changed = false;
            var now = Now;
            var kept = 0;
            foreach (var record in records.AsSpan(0, count))
            {
                var settled = record with { RecordedNs = record.RecordedNs == Settled ? now : record.RecordedNs };
                if (now - settled.RecordedNs < ForgetNs && Trusted(settled))
                {
                    records[kept++] = settled;
                }
            }

            count = kept;
            Index();
            Write(records.AsSpan(0, count));
        }
    }

    // A file written in the clock tick in which it was read may have been written again undetectably.
    private static bool Trusted(in Entry record)
    {
        var last = Math.Max(record.ModifiedNs, record.ChangedNs);
        return last + (last % 1_000_000_000 == 0 ? CoarseTickNs : TickNs) <= record.RecordedNs;
    }

    private void Put(in FileStat stat, Md5Digest digest, long recorded, HashKind kind)
    {
        lock (turn)
        {
            Load();
            if (count == records!.Length)
            {
                Grow(Math.Max(256, count / 2));
            }

            ref var record = ref Slot(stat, kind, out var found, add: true);
            record = new Entry
            {
                Device = KeyOf(stat, kind),
                Inode = stat.Inode,
                Size = stat.Size,
                ModifiedNs = stat.ModifiedNs,
                ChangedNs = stat.ChangedNs,
                RecordedNs = recorded,
                Digest = digest,
            };
            changed = true;
        }
    }

    private static ulong KeyOf(in FileStat stat, HashKind kind) => (stat.Device << 1) | (kind == HashKind.Md5 ? 0u : 1u);

    private ref Entry Slot(in FileStat stat, HashKind kind, out bool found, bool add = false)
    {
        var device = KeyOf(stat, kind);
        if (slots.Length == 0)
        {
            found = false;
            return ref Unsafe.NullRef<Entry>();
        }

        var at = SlotOf(device, stat.Inode, slots.Length);
        while (slots[at] != 0)
        {
            ref var record = ref records![slots[at] - 1];
            if (record.Inode == stat.Inode && record.Device == device)
            {
                found = true;
                return ref record;
            }

            at = (at + 1) & (slots.Length - 1);
        }

        found = false;
        if (!add)
        {
            return ref Unsafe.NullRef<Entry>();
        }

        slots[at] = ++count;
        return ref records![count - 1];
    }

    private static int SlotOf(ulong device, ulong inode, int length) =>
        (int)(((inode * 0x9E3779B97F4A7C15UL) ^ (device * 0xC2B2AE3D27D4EB4FUL)) >> 32) & (length - 1);

    private void Grow(int more)
    {
        Array.Resize(ref records, count + more);
        Index();
    }

    private void Index()
    {
        slots = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(512, records!.Length * 2))];
        for (var i = 0; i < count; i++)
        {
            var at = SlotOf(records[i].Device, records[i].Inode, slots.Length);
            while (slots[at] != 0)
            {
                at = (at + 1) & (slots.Length - 1);
            }

            slots[at] = i + 1;
        }
    }

    private void Load()
    {
        if (records is not null)
        {
            return;
        }

        records = [];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<ulong> header = stackalloc ulong[HeaderSize / 8];
            file.ReadExactly(MemoryMarshal.AsBytes(header));
            var length = (file.Length - HeaderSize) / Unsafe.SizeOf<Entry>();
            if (header[0] != Magic || header[1] != (ulong)length || length > int.MaxValue / 4)
            {
                return;
            }

            var read = new Entry[length + (length / 8)];
            for (var at = 0L; at < length; at += 1 << 20)
            {
                file.ReadExactly(MemoryMarshal.AsBytes(read.AsSpan((int)at, (int)Math.Min(1 << 20, length - at))));
            }

            if (header[2] == Checksum(read.AsSpan(0, (int)length)))
            {
                (records, count) = (read, (int)length);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No file yet, or an unreadable one: everything is hashed once more.
        }

        Index();
    }

    private void Write(Span<Entry> kept)
    {
        var temporary = path + "." + Ids.NewId();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)[Magic, (ulong)kept.Length, Checksum(kept), 0]));
                for (var at = 0; at < kept.Length; at += 1 << 20)
                {
                    file.Write(MemoryMarshal.AsBytes(kept.Slice(at, Math.Min(1 << 20, kept.Length - at))));
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TemporaryFiles.TryDelete(temporary);
        }
    }

    private static ulong Checksum(ReadOnlySpan<Entry> records)
    {
        uint sum = 0;
        foreach (var record in records)
        {
            sum = BitOperations.Crc32C(sum, record.Device);
            sum = BitOperations.Crc32C(sum, record.Inode);
            sum = BitOperations.Crc32C(sum, (ulong)record.Size);
            sum = BitOperations.Crc32C(sum, (ulong)record.ModifiedNs);
            sum = BitOperations.Crc32C(sum, (ulong)record.ChangedNs);
            sum = BitOperations.Crc32C(sum, (ulong)record.RecordedNs);
            sum = BitOperations.Crc32C(sum, record.Digest.High);
            sum = BitOperations.Crc32C(sum, record.Digest.Low);
        }

        return sum;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Entry
    {
        public ulong Device;
        public ulong Inode;
        public long Size;
        public long ModifiedNs;
        public long ChangedNs;
        public long RecordedNs;
        public Md5Digest Digest;
    }
}
