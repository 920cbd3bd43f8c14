using System.Text;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Storage.Content;

/// <summary>One file of a folder: its path inside the folder, with `/`, and its digest.</summary>
public sealed record DirectoryEntry(string RelativePath, string Digest);

/// <summary>
/// A folder's content as DVC stores it: `[{"md5": "…", "relpath": "…"}, …]`, Python's separators, ASCII, sorted by code point.
/// The md5 of these bytes with `.dir` behind it is the folder's digest. <see cref="DirectoryObjectStream"/> does the same for folders
/// that are too large to hold twice.
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
