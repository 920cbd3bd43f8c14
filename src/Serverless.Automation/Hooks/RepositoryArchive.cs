using System.Formats.Tar;
using System.IO.Compression;
using Serverless.Core;

namespace Serverless.Automation.Hooks;

/// <summary>
/// Unpacks what GitHub sends of a commit: a gzipped tar with one folder around everything. Nothing is written outside of the target.
/// </summary>
internal static class RepositoryArchive
{
    /// <summary>A repository holds code; data lies in the store.</summary>
    private const long MostBytes = 2L << 30;
    private const int MostEntries = 100_000;

    public static async Task UnpackAsync(Stream archive, string folder, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        await using var unzipped = new GZipStream(archive, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        var (bytes, entries) = (0L, 0);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            // The first part is the folder that GitHub adds; an entry without a second part is that folder, or the commit's name.
            if (
                entry.Name.Split('/', 2) is not [_, { Length: > 0 } path]
                || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            )
            {
                continue;
            }

            var target = Path.GetFullPath(Path.Combine(root, path));
            if (!target.StartsWith(root, StringComparison.Ordinal))
            {
                throw ServerlessException.Invalid($"The commit holds a file outside of itself: '{path}'.");
            }

            bytes += entry.Length;
            if (bytes > MostBytes || ++entries > MostEntries)
            {
                throw ServerlessException.Invalid(
                    $"The commit holds more than {MostBytes >> 30} GiB or {MostEntries} files.",
                    "Keep data out of git: track it with `mlops add` and push it to the remote."
                );
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: true, cancellationToken);
        }
    }
}
