using System.Formats.Tar;
using System.IO.Compression;
using Serverless.Core;

namespace Serverless.Automation.Hooks;

/// <summary>
/// Unpacks GitHub's archive of a commit: a gzipped tar with one top-level folder. Nothing is written outside the target.
/// </summary>
internal static class RepositoryArchive
{
    /// <summary>A repository holds code. Data belongs in the store.</summary>
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
            // The first part is the folder that GitHub adds. An entry without a second part is that folder or the commit's name.
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
                throw ServerlessException.Invalid($"The commit's archive has a path outside its folder: '{path}'.");
            }

            bytes += entry.Length;
            if (bytes > MostBytes || ++entries > MostEntries)
            {
                throw ServerlessException.Invalid(
                    $"The commit has more than {MostBytes >> 30} GiB or {MostEntries} files.",
                    "Keep data out of Git: track it with `mlops add` and push it to a remote."
                );
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: true, cancellationToken);
        }
    }
}
