using System.Text;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Storage.Content;

/// <summary>A file of a folder: its relative path, with `/`, and its digest.</summary>
public sealed record DirectoryEntry(string RelativePath, string Digest);

/// <summary>
/// Represents a folder's content as DVC stores it: `[{"md5": "…", "relpath": "…"}, …]`, Python's separators, ASCII, sorted by code point.
/// The folder's digest is the MD5 of these bytes followed by `.dir`. <see cref="DirectoryObjectStream"/> does the same for folders that
/// are too large to keep in memory twice.
/// </summary>
public static class DirectoryObject
{
    public static byte[] Serialize(IEnumerable<DirectoryEntry> entries)
    {
        var text = new StringBuilder("[");
        foreach (var entry in entries.OrderBy(e => e.RelativePath, CodePointOrder.Instance))
        {
            text.Append(text.Length == 1 ? "{\"md5\": \"" : ", {\"md5\": \"").Append(entry.Digest).Append("\", \"relpath\": \"");
            JsonAscii.Append(text, entry.RelativePath);
            text.Append("\"}");
        }

        return Encoding.ASCII.GetBytes(text.Append(']').ToString());
    }

    public static IReadOnlyList<DirectoryEntry> Parse(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        return
        [
            .. document
                .RootElement.EnumerateArray()
                .Select(e => new DirectoryEntry(e.GetProperty("relpath").GetString()!, e.GetProperty("md5").GetString()!)),
        ];
    }
}
