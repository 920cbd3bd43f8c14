using System.Buffers;
using System.Security.Cryptography;
using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;

namespace Serverless.Data.Remotes;

/// <summary>
/// Sends objects of the local cache to a remote. Existing objects are not sent again. A folder's listing follows its files, so that a
/// concurrent reader, or one after an interrupted push, finds no incomplete folder.
/// </summary>
public sealed class ObjectUpload(
    IRemote remote,
    LocalCache cache,
    RemoteIndex? index = null,
    int? jobs = null,
    IProgress<TransferProgress>? progress = null
)
{
    private const int SmallFile = 1 << 20;
    private readonly int jobs = jobs ?? remote.DefaultJobs;

    public async Task<TransferSummary> PushAsync(IEnumerable<ObjectId> objects, CancellationToken cancellationToken = default)
    {
        var (files, folders) = Expand(objects);
        var missing = await new RemoteInventory(remote, index, jobs).FindMissingAsync(files, folders, cancellationToken);
        if (missing.Count == 0)
        {
            return TransferSummary.None;
        }

        var transfer = new Transfer(jobs, missing.Count, progress);
        await transfer.RunAsync(missing.Where(m => !m.IsDirectory), SendAsync, cancellationToken);

        // A folder that lacks a file must stay invisible: its listing would imply that it is complete.
        HashSet<ObjectId> absent = [.. transfer.Summary.Lost, .. transfer.Summary.Failed.Select(f => f.Id)];
        var whole = folders.Where(f => missing.Contains(f.Id) && !f.Files.Any(absent.Contains)).ToList();
        await transfer.RunAsync(whole.Select(f => f.Id), SendAsync, cancellationToken);
        foreach (var folder in folders.Where(f => missing.Contains(f.Id)).Except(whole))
        {
            transfer.Fail(
                folder.Id,
                new ServerlessException(
                    ErrorCodes.InvalidState,
                    $"Folder {folder.Id} is incomplete, so its listing was not sent.",
                    "Restore its missing files and push again."
                )
            );
        }

        var summary = transfer.Summary;
        absent = [.. summary.Lost, .. summary.Failed.Select(f => f.Id)];
        foreach (var folder in whole.Where(f => !absent.Contains(f.Id)))
        {
            index?.Add(folder.Id, folder.Files.Select(f => f.Hash));
        }

        return summary;
    }

    /// <summary>
    /// Lists the files and folders that should be in the remote. If a folder's listing is missing locally, only its name is known.
    /// </summary>
    internal (List<ObjectId> Files, List<ListedFolder> Folders) Expand(IEnumerable<ObjectId> objects)
    {
        var (files, folders) = (new List<ObjectId>(), new List<ListedFolder>());
        foreach (var id in objects.Distinct())
        {
            if (!id.IsDirectory)
            {
                files.Add(id);
            }
            else
            {
                folders.Add(
                    new ListedFolder(
                        id,
                        () => cache.Contains(id.Digest, id.Kind) ? FilesOf(cache.OpenListing(id.Digest, id.Kind), id.Kind) : []
                    )
                );
            }
        }

        return (files, folders);
    }

    internal static IReadOnlyList<ObjectId> FilesOf(DirectoryListing listing, HashKind kind) =>
        [.. listing.Files.Select(f => new ObjectId(f.Digest, false, kind)).Distinct()];

    /// <summary>Sends a listing whose files the caller has sent.</summary>
    internal Task SendListingAsync(ObjectId id, CancellationToken cancellationToken) => SendAsync(id, cancellationToken);

    private async Task<long?> SendAsync(ObjectId id, CancellationToken cancellationToken)
    {
        if (!cache.Contains(id.Digest, id.Kind))
        {
            return null;
        }

        await using var file = new FileStream(
            cache.PathOf(id.Digest, id.Kind),
            new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan }
        );
        var length = file.Length;
        // The digest of DVC 2 is not that of the bytes.
        var md5 = id.Kind == HashKind.Md5 || id.IsDirectory ? id.HashBytes() : await MD5.HashDataAsync(file, cancellationToken);
        file.Position = 0;
        if (length > SmallFile)
        {
            await remote.PutAsync(id.RemoteName, file, length, md5, cancellationToken);
            return length;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, (int)length));
        try
        {
            file.ReadExactly(buffer, 0, (int)length);
            using var content = new MemoryStream(buffer, 0, (int)length, writable: false);
            await remote.PutAsync(id.RemoteName, content, length, md5, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return length;
    }
}
