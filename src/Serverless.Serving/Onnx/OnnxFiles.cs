using System.Text;
using Serverless.Core;

namespace Serverless.Serving.Onnx;

/// <summary>
/// Which files an ONNX model may name: those in its own folder. All others are refused in the same words, whether they exist or not: a
/// model must tell nothing of the host that loads it.
/// </summary>
internal static class OnnxFiles
{
    private const int Window = 1 << 20;
    private const int LongestName = 4096;

    /// <summary>The start of an entry of external data (onnx.proto, StringStringEntryProto): key `location`, then the value.</summary>
    private static ReadOnlySpan<byte> Location => "\n\blocation\u0012"u8;

    /// <summary>The model's file, and that the weights which it keeps elsewhere lie beside it.</summary>
    public static string Find(string folder, string name)
    {
        var path = Inside(folder, name);
        foreach (var other in ExternalNames(path))
        {
            Inside(folder, other);
        }

        return path;
    }

    private static string Inside(string folder, string name)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        if (name.Length is 0 or > LongestName || name.Contains('\0', StringComparison.Ordinal))
        {
            throw Refused();
        }

        var path = Path.GetFullPath(Path.Combine(root, name.Replace('\\', '/')));
        return path.StartsWith(root, StringComparison.Ordinal) && IsOwnFile(root, path) ? path : throw Refused();
    }

    /// <summary>A plain file that no link on the way leads to.</summary>
    private static bool IsOwnFile(string root, string path)
    {
        for (var at = path; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
        {
            var info = new FileInfo(at);
            if (info.LinkTarget is not null || (!info.Exists && !Directory.Exists(at)))
            {
                return false;
            }
        }

        // A pipe, a socket or a device has no length, and opening it may wait for ever.
        return new FileInfo(path) is { Exists: true, Length: > 0 };
    }

    private static List<string> ExternalNames(string path)
    {
        var names = new List<string>();
        using var file = File.OpenRead(path);
        var buffer = new byte[Window + LongestName + 32];
        var kept = 0;
        while (true)
        {
            var read = file.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            var bytes = buffer.AsSpan(0, kept + read);
            var isLast = kept + read < buffer.Length;
            var at = 0;
            while (bytes[at..].IndexOf(Location) is >= 0 and var found && (isLast || at + found < Window))
            {
                at += found + Location.Length;
                names.Add(NameAt(bytes[at..]));
            }

            if (isLast)
            {
                return names;
            }

            kept = bytes.Length - Window;
            bytes[Window..].CopyTo(buffer);
        }
    }

    private static string NameAt(ReadOnlySpan<byte> bytes)
    {
        var (length, at) = (0, 0);
        for (var shift = 0; shift < 21 && at < bytes.Length; shift += 7)
        {
            length |= (bytes[at] & 127) << shift;
            if (bytes[at++] < 128)
            {
                break;
            }
        }

        return length <= LongestName && length <= bytes.Length - at ? Encoding.UTF8.GetString(bytes.Slice(at, length)) : "";
    }

    private static ServerlessException Refused() =>
        ServerlessException.Invalid(
            "The ONNX model names a file that is not a file of its folder.",
            "Register the model with all of its files, and name them relative to its folder."
        );
}
