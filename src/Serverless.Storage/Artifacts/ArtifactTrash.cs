using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core;
using Serverless.Storage.Blobs;
using Serverless.Storage.Tables;

namespace Serverless.Storage.Artifacts;

/// <summary>A deleted artifact file or folder that can be restored.</summary>
/// <param name="Path">The path that it was deleted by.</param>
/// <param name="Files">The number of files.</param>
public sealed record TrashedArtifact(string Id, string Path, DateTimeOffset DeletedAt, int Files, long Bytes, string? DeletedBy = null);

/// <summary>
/// Keeps deleted artifacts: their blobs are in `{workspace}/trash/{id}/{path}`, and a row of the index, `{workspace}|trash`, describes
/// them. The row is written first and the copies are made before the originals are removed, so an interruption loses nothing.
/// </summary>
public sealed class ArtifactTrash
{
    private const int Parallelism = 8;
    private readonly BlobContainerClient container;
    private readonly Table index;
    private readonly string partition;
    private readonly string artifacts;
    private readonly string trash;

    internal ArtifactTrash(BlobContainerClient container, Table index, string workspace)
    {
        this.container = container;
        this.index = index;
        partition = Keys.Join(workspace, "trash");
        artifacts = $"{workspace}/artifacts/";
        trash = $"{workspace}/trash/";
    }

    /// <summary>Moves a file, or everything in a folder, to the trash.</summary>
    /// <returns>Null if nothing existed.</returns>
    public async Task<TrashedArtifact?> MoveAsync(
        string path,
        string? by,
        DateTimeOffset now,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            var files = await ListAsync(artifacts + path, cancellationToken);
            if (files.Count == 0)
            {
                return null;
            }

            var entry = new TrashedArtifact(Ids.NewId()[..12], path, now, files.Count, files.Sum(f => f.Length), by);
            await index.CommitAsync(RowChange.Put(RowOf(entry)), cancellationToken);
            await ForEachAsync(files, f => CopyAsync(f.Name, trash + entry.Id + "/" + f.Name[artifacts.Length..], cancellationToken));
            await ForEachAsync(files, f => container.GetBlobClient(f.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken));
            return entry;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Lists what was deleted, newest first.</summary>
    public async Task<IReadOnlyList<TrashedArtifact>> ListAsync(CancellationToken cancellationToken = default)
    {
        var entries = new List<TrashedArtifact>();
        await foreach (var row in index.QueryAsync(partition, "", cancellationToken))
        {
            entries.Add(row.Read<TrashedArtifact>());
        }

        return entries;
    }

    /// <summary>Restores the files to their original paths. Files written there since are kept.</summary>
    /// <returns>The number of restored files.</returns>
    public async Task<int> RestoreAsync(TrashedArtifact entry, CancellationToken cancellationToken = default)
    {
        var start = trash + entry.Id + "/";
        var back = 0;
        try
        {
            var files = await ListBelowAsync(start, cancellationToken);
            await ForEachAsync(
                files,
                async f =>
                {
                    var target = artifacts + f.Name[start.Length..];
                    if (!(await container.GetBlobClient(target).ExistsAsync(cancellationToken)).Value)
                    {
                        await CopyAsync(f.Name, target, cancellationToken);
                        Interlocked.Increment(ref back);
                    }
                }
            );
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        await CollectAsync(entry, cancellationToken);
        return back;
    }

    /// <summary>Permanently removes the files.</summary>
    public async Task CollectAsync(TrashedArtifact entry, CancellationToken cancellationToken = default)
    {
        try
        {
            var files = await ListBelowAsync(trash + entry.Id + "/", cancellationToken);
            await ForEachAsync(files, f => container.GetBlobClient(f.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken));
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        await index.CommitAsync(RowChange.Delete(RowOf(entry)), cancellationToken);
    }

    private Row RowOf(TrashedArtifact entry) => Row.Of(partition, Keys.Join(Keys.NewestFirst(entry.DeletedAt), entry.Id), entry);

    /// <summary>Lists the file with that name and the files in the folder with that name.</summary>
    private async Task<List<(string Name, long Length)>> ListAsync(string name, CancellationToken cancellationToken)
    {
        var files = await ListBelowAsync(name + "/", cancellationToken);
        if (await BlobReader.FindAsync(container.GetBlobClient(name), cancellationToken) is { } own)
        {
            files.Add((name, own.Length));
        }

        return files;
    }

    private async Task<List<(string Name, long Length)>> ListBelowAsync(string prefix, CancellationToken cancellationToken)
    {
        var files = new List<(string, long)>();
        await foreach (var item in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
        {
            files.Add((item.Name, item.Properties.ContentLength ?? 0));
        }

        return files;
    }

    /// <summary>Copies within the account; the content is not downloaded.</summary>
    private async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        try
        {
            var operation = await container
                .GetBlobClient(to)
                .StartCopyFromUriAsync(container.GetBlobClient(from).Uri, cancellationToken: cancellationToken);
            await operation.WaitForCompletionAsync(cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Someone else is deleting it at the same time and keeps the copy.
        }
    }

    private static Task ForEachAsync<T>(IReadOnlyList<T> items, Func<T, Task> work) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (item, _) => await work(item));
}
