using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Datasets;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Storage.Content;

namespace Serverless.Data.Maintenance;

/// <summary>
/// Tracks files without keeping them locally: sends them straight to a remote, or adds them to a folder whose other files are not on this
/// disk.
/// </summary>
public sealed class RemoteAdd(Repository repository, IRemote remote, int? jobs = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);
    private readonly int jobs = jobs ?? remote.DefaultJobs;

    /// <summary>Sends a file, a folder or the content of a URL to the remote, and writes the pointer.</summary>
    /// <param name="output">The target path in the repository; null to use the source's name in the current folder.</param>
    /// <returns>The files to add to git.</returns>
    public async Task<IReadOnlyList<string>> AddAsync(string source, string? output, CancellationToken cancellationToken = default)
    {
        var isUrl =
            source.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        var path = Path.GetFullPath(
            output ?? Path.GetFileName(isUrl ? new Uri(source).AbsolutePath : Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)))
        );
        if (!repository.Contains(path))
        {
            throw ServerlessException.Invalid(
                $"'{path}' is outside the repository '{repository.Root}'.",
                "Specify a path inside it with `-o`."
            );
        }

        var pointerPath = path + PointerFile.Extension;
        var index = RepositoryIndex.Load(repository, cancellationToken);
        if (index.Around(path) is { } around && around.Path != path)
        {
            throw ServerlessException.Invalid(
                $"'{Path.GetRelativePath(repository.Root, path)}' is inside '{around.Name}', which is already tracked.",
                $"Add to it with `mlops add FILE --into {around.Owner}`."
            );
        }

        var content =
            isUrl ? await UrlAsync(new Uri(source), cancellationToken)
            : Directory.Exists(source) ? await FolderAsync(Path.GetFullPath(source), cancellationToken)
            : File.Exists(source) ? await FileAsync(Path.GetFullPath(source), cancellationToken)
            : throw ServerlessException.NotFound($"'{source}' does not exist.");
        var entry = index.Find(path)?.Entry.With(content) ?? OutputEntry.New(Path.GetFileName(path), content);
        var pointer =
            index.Find(path)?.Pointer ?? PointerFile.New(repository, pointerPath, DataMap.Empty.With("outs", new DataList([entry.Source])));
        Directory.CreateDirectory(Path.GetDirectoryName(pointerPath)!);
        var document = pointer.Document.With("outs", new DataList([entry.Source]));
        pointer.Save(document["md5"] is null ? document : PointerDigest.Renew(document));
        return [.. GitIgnore.Add(repository, [path]), pointer.Path];
    }

    /// <summary>Adds files to a tracked folder. Requires only the folder's listing and fetches it if necessary.</summary>
    /// <param name="folder">The folder or its pointer.</param>
    /// <param name="below">The path within the folder; empty for its root.</param>
    public async Task<IReadOnlyList<string>> AddIntoAsync(
        IReadOnlyList<string> sources,
        string folder,
        string below,
        CancellationToken cancellationToken = default
    )
    {
        var index = RepositoryIndex.Load(repository, cancellationToken);
        var output = index.Select([folder])[0].Output;
        if (output.Pointer is not { } pointer || !output.Entry.IsDirectory || output.Entry.Kind != HashKind.Md5)
        {
            throw ServerlessException.Invalid(
                $"'{folder}' is not a tracked folder with a .dvc file of its own.",
                "Create one with `mlops add FOLDER`."
            );
        }

        var id = ObjectId.Parse(output.Entry.Digest!);
        if (!repository.Cache.Contains(id.Digest))
        {
            var summary = await new ObjectDownload(remote, repository.Cache, jobs).FetchAsync([id], _ => false, cancellationToken);
            if (!summary.IsComplete)
            {
                throw LocalCache.Missing(id.Digest);
            }
        }

        var files = repository.Cache.OpenListing(id.Digest).Files.ToDictionary(f => f.Path, f => f.Digest, StringComparer.Ordinal);
        var reader = new ContentReader(repository);
        var (size, isKnown) = (output.Entry.Size ?? 0, output.Entry.Size is not null);
        foreach (var source in sources)
        {
            var full = Path.GetFullPath(source);
            var content = reader.Save(full, cancellationToken) ?? throw ServerlessException.NotFound($"'{source}' does not exist.");
            var name = string.Join('/', ((string[])[below.Trim('/'), Path.GetFileName(full)]).Where(p => p.Length > 0));
            foreach (
                var (path, digest) in content.Listing is { } listing
                    ? listing.Files.Select(f => ($"{name}/{f.Path}", f.Digest))
                    : [(name, Md5Digest.Parse(content.Reference.Digest))]
            )
            {
                DatasetNames.CheckPath(path);
                if (files.TryGetValue(path, out var old) && old != digest)
                {
                    var stat = FileStat.Of(repository.Cache.PathOf(old.ToString()));
                    (size, isKnown) = (size - (stat?.Size ?? 0), isKnown && stat is not null);
                }
                else if (old == digest && files.ContainsKey(path))
                {
                    size -= FileStat.Of(repository.Cache.PathOf(digest.ToString()))?.Size ?? 0;
                }

                files[path] = digest;
            }

            size += content.Reference.Size;
        }

        var changed = DirectoryListing.Of(files.Select(f => new DirectoryFile(f.Key, f.Value)));
        repository.Cache.Put(changed);
        var entry = output.Entry.With(new ContentRef(changed.Digest, size, changed.Files.Count));
        var updated = isKnown ? entry.Source : entry.Source.With("size", null);
        var document = pointer.Document.With(
            "outs",
            new DataList([.. pointer.Outputs.Select(o => o.Path == output.Entry.Path ? updated : o.Source)])
        );
        pointer.Save(document["md5"] is null ? document : PointerDigest.Renew(document));
        return [pointer.Path];
    }

    private async Task<ContentRef> FileAsync(string path, CancellationToken cancellationToken)
    {
        var (id, size) = await SendAsync(path, cancellationToken);
        return new ContentRef(id.Digest, size, IsExecutable: FileStat.Of(path) is { IsExecutable: true });
    }

    private async Task<ContentRef> FolderAsync(string folder, CancellationToken cancellationToken)
    {
        var found = FolderScan.Files(folder, repository.Ignore, cancellationToken);
        var files = new DirectoryFile[found.Count];
        await Parallel.ForAsync(
            0,
            files.Length,
            new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var (id, _) = await SendAsync(folder + "/" + found[i].Path, token);
                files[i] = new DirectoryFile(found[i].Path, id.Hash);
            }
        );
        var listing = DirectoryListing.Of(files);
        // Keep the listing locally too: it is small, and `--into` needs it.
        repository.Cache.Put(listing);
        await new ObjectUpload(remote, repository.Cache, jobs: 1).SendListingAsync(ObjectId.Parse(listing.Digest), cancellationToken);
        return new ContentRef(listing.Digest, found.Sum(f => f.Stat.Size), files.Length);
    }

    private async Task<ContentRef> UrlAsync(Uri url, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(Path.GetTempPath(), "mlops-" + Ids.NewId());
        try
        {
            using var http = new HttpClient { Timeout = Patience };
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            await using (var body = await http.GetStreamAsync(url, cancellationToken))
            {
                await body.CopyToAsync(file, cancellationToken);
            }

            return await FileAsync(temporary, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw ServerlessException.Unavailable($"Cannot read '{url}' ({e.Message.TrimEnd('.')}).", "Check the address.", e);
        }
        finally
        {
            TemporaryFiles.TryDelete(temporary);
        }
    }

    private async Task<(ObjectId Id, long Size)> SendAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        var id = new ObjectId(FileHash.Of(file, HashKind.Md5, cancellationToken), false);
        file.Position = 0;
        // A file that changes after it was hashed is rejected by its digest.
        await remote.PutAsync(id.RemoteName, file, file.Length, id.HashBytes(), cancellationToken);
        return (id, file.Length);
    }
}
