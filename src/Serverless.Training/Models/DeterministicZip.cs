using System.IO.Compression;

namespace Serverless.Training.Models;

/// <summary>
/// ML.NET stamps the entries of a model's ZIP with the current time, so the same model would get a new digest at every training. This class
/// rewrites the entries: sorted, with the earliest time that ZIP supports, and stored rather than deflated, because the output of deflate
/// depends on its version.
/// </summary>
internal static class DeterministicZip
{
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Rewrite(Stream source, Stream target)
    {
        using var from = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
        using var to = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var entry in from.Entries.OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            var copy = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression);
            copy.LastWriteTime = Epoch;
            copy.ExternalAttributes = 0;
            using var input = entry.Open();
            using var output = copy.Open();
            input.CopyTo(output);
        }
    }
}
