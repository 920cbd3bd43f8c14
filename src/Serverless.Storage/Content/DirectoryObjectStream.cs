using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Storage.Content;

/// <summary>A file of a folder, compact enough to keep a million of them in memory.</summary>
public readonly record struct DirectoryFile(string Path, Md5Digest Digest);

/// <summary>
/// Writes and reads a <see cref="DirectoryObject"/> incrementally, so that only the records are in memory and never the whole text.
/// </summary>
public static class DirectoryObjectStream
{
    private const int Piece = 64 * 1024;

    /// <summary>
    /// Writes files that are sorted by <see cref="CodePointOrder"/>. Returns the digest of what was written, without `.dir`.
    /// </summary>
    public static Md5Digest Write(Stream to, IEnumerable<DirectoryFile> sorted)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var text = new StringBuilder("[", Piece + 1024);
        var bytes = new byte[Piece * 2];
        Span<byte> hex = stackalloc byte[Md5Digest.HexLength];
        Span<char> digits = stackalloc char[Md5Digest.HexLength];
        var first = true;
        foreach (var file in sorted)
        {
            file.Digest.WriteHex(hex);
            Encoding.ASCII.GetChars(hex, digits);
            text.Append(first ? "{\"md5\": \"" : ", {\"md5\": \"").Append(digits).Append("\", \"relpath\": \"");
            first = false;
            JsonAscii.Append(text, file.Path);
            text.Append("\"}");
            if (text.Length >= Piece)
            {
                Flush(to, hash, text, ref bytes);
            }
        }

        text.Append(']');
        Flush(to, hash, text, ref bytes);
        return Md5Digest.From(hash.GetHashAndReset());
    }

    /// <summary>Reads a folder's files in stored order. Rejects invalid objects and paths that lead out of the folder.</summary>
    public static List<DirectoryFile> Read(Stream from, string name)
    {
        var files = new List<DirectoryFile>();
        try
        {
            var buffer = new byte[Piece];
            var (kept, state, ended) = (0, new JsonReaderState(), false);
            var entry = default(Entry);
            while (!ended)
            {
                var read = from.ReadAtLeast(buffer.AsSpan(kept), 1, throwOnEndOfStream: false);
                ended = read == 0;
                var reader = new Utf8JsonReader(buffer.AsSpan(0, kept + read), ended, state);
                while (reader.Read())
                {
                    entry.Take(ref reader, files, name);
                }

                state = reader.CurrentState;
                kept = kept + read - (int)reader.BytesConsumed;
                buffer.AsSpan((int)reader.BytesConsumed, kept).CopyTo(buffer);
                if (kept == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }
            }

            return files;
        }
        catch (JsonException)
        {
            throw Corrupt(name, "it is not JSON");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: the name was not UTF-8 when the folder was added.
            throw Corrupt(name, "it contains a file name that is not Unicode");
        }
    }

    private static void Flush(Stream to, IncrementalHash hash, StringBuilder text, ref byte[] bytes)
    {
        if (bytes.Length < text.Length)
        {
            bytes = new byte[text.Length];
        }

        var count = 0;
        foreach (var chunk in text.GetChunks())
        {
            count += Encoding.ASCII.GetBytes(chunk.Span, bytes.AsSpan(count));
        }

        hash.AppendData(bytes, 0, count);
        to.Write(bytes, 0, count);
        text.Clear();
    }

    private static ServerlessException Corrupt(string name, string why) =>
        ServerlessException.Invalid(
            $"The folder listing '{name}' is corrupt: {why}.",
            "Fetch it again from a remote, or add the folder again."
        );

    private struct Entry
    {
        private string? path;
        private Md5Digest? digest;
        private Property property;

        public void Take(ref Utf8JsonReader reader, List<DirectoryFile> files, string name)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when reader.CurrentDepth == 0:
                    break;
                case JsonTokenType.StartObject when reader.CurrentDepth == 1:
                    (path, digest, property) = (null, null, Property.Other);
                    break;
                case JsonTokenType.PropertyName when reader.CurrentDepth == 2:
                    property =
                        reader.ValueTextEquals("md5"u8) ? Property.Digest
                        : reader.ValueTextEquals("relpath"u8) ? Property.Path
                        : Property.Other;
                    break;
                case JsonTokenType.String when reader.CurrentDepth == 2 && property == Property.Path:
                    path = reader.GetString();
                    break;
                case JsonTokenType.String when reader.CurrentDepth == 2 && property == Property.Digest:
                    digest = Md5Digest.TryParse(reader.GetString(), out var parsed)
                        ? parsed
                        : throw Corrupt(name, "it contains a digest that is not an MD5");
                    break;
                case JsonTokenType.EndObject when reader.CurrentDepth == 1:
                    files.Add(
                        new DirectoryFile(
                            path is not null && IsInside(path)
                                ? path
                                : throw Corrupt(name, $"it names a file outside the folder ('{path}')"),
                            digest ?? throw Corrupt(name, "a file has no MD5")
                        )
                    );
                    break;
                case var _ when reader.CurrentDepth < 2 && reader.TokenType != JsonTokenType.EndArray:
                    throw Corrupt(name, "it is not a list of files");
            }
        }
    }

    private enum Property
    {
        Other,
        Path,
        Digest,
    }

    private static bool IsInside(string path)
    {
        if (path.Length == 0 || path[0] == '/' || path.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var part in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(part) is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }
}
