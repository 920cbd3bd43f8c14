using Serverless.Core;
using Serverless.Storage.Artifacts;
using Serverless.Storage.Content;

namespace Serverless.Api.Artifacts;

/// <summary>Lists and reads files and folders in the content store, by digest or for another tree. Nothing is copied.</summary>
internal sealed class ContentTree(ContentStore content) : IReadOnlyArtifacts
{
    /// <summary>The maximum number of files to list with sizes, which a folder's listing does not contain.</summary>
    private const int MostSized = 256;

    private const int ParallelSizes = 16;

    public string Name => "content stored by digest";

    public bool Covers(string path) => true;

    /// <summary>`{digest}`, or `{digest}.dir/{path}`.</summary>
    public Task<ArtifactFile?> FindAsync(string path, CancellationToken cancellationToken) =>
        Split(path) is var (root, inside) ? FindAsync(root, inside, cancellationToken) : Task.FromResult<ArtifactFile?>(null);

    public Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken) =>
        Split(folder) is var (root, inside)
            ? ListAsync(root, inside, cancellationToken)
            : Task.FromResult<IReadOnlyList<ArtifactEntry>>([]);

    /// <summary>The file at a path below <paramref name="root"/>. With an empty path, the root itself is the file.</summary>
    public async Task<ArtifactFile?> FindAsync(ContentRef root, string path, CancellationToken cancellationToken)
    {
        if (!root.IsDirectory)
        {
            return path.Length == 0 ? FileOf(root.Digest, path) : null;
        }

        var entries = await EntriesAsync(root, cancellationToken);
        return entries.FirstOrDefault(e => ArtifactPath.TryParse(e.RelativePath) == path) is { } entry ? FileOf(entry.Digest, path) : null;
    }

    public async Task<IReadOnlyList<ArtifactEntry>> ListAsync(ContentRef root, string folder, CancellationToken cancellationToken)
    {
        if (!root.IsDirectory)
        {
            return [];
        }

        var below = await EntriesAsync(root, cancellationToken);
        var entries = new Dictionary<string, ArtifactEntry>(StringComparer.Ordinal);
        var files = new List<(string Name, string Digest)>();
        foreach (var entry in below)
        {
            if (ArtifactPath.TryParse(entry.RelativePath) is not { } path || Below(folder, path) is not { } rest)
            {
                continue;
            }

            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var name = slash < 0 ? rest : rest[..slash];
            entries[name] = new ArtifactEntry(name, slash >= 0);
            if (slash < 0)
            {
                files.Add((name, entry.Digest));
            }
        }

        if (files.Count <= MostSized)
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelSizes, CancellationToken = cancellationToken };
            var sizes = new long?[files.Count];
            await Parallel.ForAsync(
                0,
                files.Count,
                options,
                async (i, token) => sizes[i] = (await content.FindAsync(files[i].Digest, token))?.Length
            );
            for (var i = 0; i < files.Count; i++)
            {
                entries[files[i].Name] = new ArtifactEntry(files[i].Name, false, sizes[i]);
            }
        }

        return [.. entries.Values];
    }

    /// <summary>The path relative to a folder. Null if it is not below the folder.</summary>
    public static string? Below(string folder, string path) =>
        folder.Length == 0 ? path
        : path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal)
            ? path[(folder.Length + 1)..]
        : null;

    private async Task<IReadOnlyList<DirectoryEntry>> EntriesAsync(ContentRef root, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ListAsync(root.Digest, cancellationToken);
        }
        catch (ServerlessException e) when (e.Status == 404)
        {
            // Collected in the meantime: a missing folder is empty.
            return [];
        }
    }

    private static (ContentRef Root, string Inside)? Split(string path)
    {
        var names = path.Split('/', 2);
        var digest = names[0];
        var hex = digest.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal)
            ? digest[..^ContentRef.DirectorySuffix.Length]
            : digest;
        return hex.Length == 32 && hex.All(char.IsAsciiHexDigitLower)
            ? (new ContentRef(digest, 0), names.Length > 1 ? names[1] : "")
            : null;
    }

    public ArtifactFile FileOf(string digest, string path) =>
        new(path, token => content.FindAsync(digest, token), (part, token) => content.OpenAsync(digest, part, token));
}
