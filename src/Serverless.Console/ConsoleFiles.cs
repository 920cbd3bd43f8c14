using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Serverless.ConsolePage;

/// <summary>A static file of the console, as it is sent.</summary>
/// <param name="Path">From the page's own address: `index.html`, `assets/index-3f2a.js`.</param>
/// <param name="ContentType">With its charset.</param>
/// <param name="ETag">In quotes.</param>
/// <param name="IsHashed">True: the name changes with the content, so that a browser may keep it for good.</param>
public sealed record ConsoleFile(string Path, string ContentType, string ETag, bool IsHashed)
{
    /// <summary>The bytes by their encoding: `br`, `gzip`, and "" for the file as it is.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Encodings { get; init; }
}

/// <summary>The files of the page, which the build put into this assembly.</summary>
public static class ConsoleFiles
{
    private static readonly Lazy<FrozenDictionary<string, ConsoleFile>> Files = new(Load);

    /// <summary>False where the page was not built, because Node or the npm registry was missing.</summary>
    public static bool Exist => Files.Value.ContainsKey("index.html");

    public static ConsoleFile? Find(string path) => Files.Value.GetValueOrDefault(path);

    private static FrozenDictionary<string, ConsoleFile> Load()
    {
        var assembly = typeof(ConsoleFiles).Assembly;
        var contents = assembly
            .GetManifestResourceNames()
            .ToDictionary(
                n => n,
                n =>
                {
                    using var stream = assembly.GetManifestResourceStream(n)!;
                    var bytes = new byte[stream.Length];
                    stream.ReadExactly(bytes);
                    return bytes;
                }
            );
        return contents
            .Keys.Select(n => n.EndsWith(".br", StringComparison.Ordinal) || n.EndsWith(".gz", StringComparison.Ordinal) ? n[..^3] : n)
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(n => n, n => FileOf(n, contents), StringComparer.Ordinal);
    }

    private static ConsoleFile FileOf(string path, Dictionary<string, byte[]> contents)
    {
        var encodings = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (contents.TryGetValue(path + ".br", out var brotli))
        {
            encodings["br"] = brotli;
        }

        if (contents.TryGetValue(path + ".gz", out var gzip))
        {
            encodings["gzip"] = gzip;
        }

        var plain = contents.TryGetValue(path, out var own)
            ? own
            : Unpack(brotli ?? throw new InvalidOperationException($"'{path}' has no content."));
        encodings[""] = plain;
        return new ConsoleFile(
            path,
            TypeOf(path),
            $"\"{Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12))}\"",
            path.StartsWith("assets/", StringComparison.Ordinal)
        )
        {
            Encodings = encodings,
        };
    }

    private static byte[] Unpack(byte[] brotli)
    {
        using var from = new BrotliStream(new MemoryStream(brotli), CompressionMode.Decompress);
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }

    private static string TypeOf(string path) =>
        System.IO.Path.GetExtension(path) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".woff2" => "font/woff2",
            _ => "application/octet-stream",
        };
}
