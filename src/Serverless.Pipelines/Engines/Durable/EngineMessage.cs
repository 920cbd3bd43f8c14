using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json;
using Serverless.Core;
using Serverless.Storage;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>
/// A value on its way through a durable engine, which keeps every message in its history. Sent as it is, compressed, or, if that is still
/// too large, as digests of parts in the store.
/// </summary>
public sealed record EngineMessage
{
    /// <summary>The maximum size of a message, including its envelope.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The maximum size of the envelope around a value: ids and names.</summary>
    private const int EnvelopeBytes = 1024;

    /// <summary>This many bytes are 13.7 KB in Base64, and about 1 KB more after the engine's serializer has escaped every '+'.</summary>
    private const int PartBytes = 10 * 1024;

    /// <summary>The host reads 64 levels, of which the envelope takes a few.</summary>
    private const int MaxDepth = 40;

    private const int MaxDigits = 18;

    /// <summary>
    /// The maximum number of parts, because the list of digests must be short as well. This many parts are 4 MB compressed.
    /// </summary>
    private const int MaxParts = 380;

    public JsonElement? Json { get; init; }

    /// <summary>Gets the JSON of the value, compressed (gzip, Base64).</summary>
    public string? Zip { get; init; }

    /// <summary>Gets the digests of the parts of the compressed JSON, in order.</summary>
    public IReadOnlyList<string>? Parts { get; init; }

    /// <summary>Packs a value. A caller that may not write to the store passes the parts to someone who may.</summary>
    /// <param name="value">The value.</param>
    /// <param name="store">Stores one part (Base64) and returns its digest.</param>
    /// <remarks>Continues on the caller's context, because a durable orchestrator has to stay on its own.</remarks>
    public static async Task<EngineMessage> PackAsync<T>(T value, Func<string, Task<string>> store)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, StorageJson.Options);
        if (bytes.Length <= MaxBytes && IsKept(bytes))
        {
            using var document = JsonDocument.Parse(bytes);
            var plain = new EngineMessage { Json = document.RootElement.Clone() };
            if (plain.Fits)
            {
                return plain;
            }
        }

        var zip = Compress(bytes);
        if (Base64.GetMaxEncodedToUtf8Length(zip.Length) <= MaxBytes - EnvelopeBytes)
        {
            var compressed = new EngineMessage { Zip = Convert.ToBase64String(zip) };
            if (compressed.Fits)
            {
                return compressed;
            }
        }

        var chunks = zip.Chunk(PartBytes).ToList();
        if (chunks.Count > MaxParts)
        {
            throw ServerlessException.Invalid(
                $"A value of {bytes.Length:N0} bytes is too large to be passed between tasks.",
                "Pass it as a file instead of a parameter."
            );
        }

        var digests = new List<string>(chunks.Count);
        foreach (var chunk in chunks)
        {
            digests.Add(await store(Convert.ToBase64String(chunk)));
        }

        return new EngineMessage { Parts = digests };
    }

    /// <summary>Unpacks the value.</summary>
    /// <param name="load">Returns a part (Base64) by its digest.</param>
    public async Task<T> UnpackAsync<T>(Func<string, Task<string>> load)
    {
        if (Json is { } json)
        {
            return json.Deserialize<T>(StorageJson.Options)!;
        }

        if (Zip is { } zip)
        {
            return Expand<T>(Convert.FromBase64String(zip));
        }

        using var whole = new MemoryStream();
        foreach (var digest in Parts ?? throw new InvalidDataException("A message of the engine holds nothing."))
        {
            whole.Write(Convert.FromBase64String(await load(digest)));
        }

        return Expand<T>(whole.ToArray());
    }

    /// <summary>Returns the JSON as the engine's own serializer writes it, which escapes more than ours.</summary>
    private bool Fits => JsonSerializer.SerializeToUtf8Bytes(this).Length <= MaxBytes - EnvelopeBytes;

    /// <summary>
    /// Returns true if the value passes through the engine unchanged. The host reads and rewrites the JSON of activities: numbers other
    /// than short integers change their text (`1e-3` becomes `0.001`), which would change command lines and cache keys, and deep nesting
    /// is rejected. When compressed, it is only text to the host.
    /// </summary>
    private static bool IsKept(byte[] json)
    {
        if (json.AsSpan().SequenceEqual("null"u8))
        {
            // It would be read as an empty message.
            return false;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        while (reader.Read())
        {
            if (reader.CurrentDepth > MaxDepth || (reader.TokenType == JsonTokenType.Number && !IsShortInteger(reader.ValueSpan)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsShortInteger(ReadOnlySpan<byte> number) =>
        number.Length <= MaxDigits && number.IndexOfAnyExcept("-0123456789"u8) < 0 && !number.SequenceEqual("-0"u8);

    private static byte[] Compress(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return zipped.ToArray();
    }

    private static T Expand<T>(byte[] zip)
    {
        using var gzip = new GZipStream(new MemoryStream(zip), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T>(gzip, StorageJson.Options)!;
    }
}
