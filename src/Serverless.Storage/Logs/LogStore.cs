using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Serverless.Storage.Logs;

/// <summary>Logs of one kind, a task's say: append blobs that grow while something runs.</summary>
public sealed class LogStore
{
    private readonly BlobContainerClient container;
    private readonly string prefix;

    internal LogStore(BlobContainerClient container, string workspace, string folder)
    {
        this.container = container;
        prefix = $"{workspace}/{folder}/";
    }

    /// <summary>
    /// Adds to a log at <paramref name="offset"/>, which is where it ends now; the first part makes it. A log has one writer, so
    /// a longer log than expected means that this very part arrived and its answer was lost.
    /// </summary>
    public async Task AppendAsync(string name, ReadOnlyMemory<byte> part, long offset, CancellationToken cancellationToken = default)
    {
        try
        {
            var blob = container.GetAppendBlobClient(prefix + name);
            if (offset == 0)
            {
                await blob.CreateAsync(cancellationToken: cancellationToken);
            }

            await blob.AppendBlockAsync(
                BinaryData.FromBytes(part).ToStream(),
                new AppendBlobAppendBlockOptions { Conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = offset } },
                cancellationToken
            );
        }
        catch (RequestFailedException e) when (e.Status == 412 && e.ErrorCode == "AppendPositionConditionNotMet") { }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Opens a log from a byte on; null if there is none.</summary>
    public async Task<Stream?> OpenAsync(string name, long offset = 0, CancellationToken cancellationToken = default)
    {
        try
        {
            return await container.GetBlobClient(prefix + name).OpenReadAsync(offset, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Removes all logs that begin with <paramref name="start"/>.</summary>
    public async Task DeleteAsync(string start, CancellationToken cancellationToken = default)
    {
        var names = await ListAsync(start, cancellationToken);
        try
        {
            await Parallel.ForEachAsync(
                names,
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
                async (name, token) => await container.GetBlobClient(prefix + name).DeleteIfExistsAsync(cancellationToken: token)
            );
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// Removes logs that begin with <paramref name="start"/> and come before <paramref name="before"/> in the order of names, at most so
    /// many.
    /// </summary>
    /// <returns>How many were removed.</returns>
    public async Task<int> DeleteBeforeAsync(string start, string before, int most, CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        try
        {
            await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix + start }, cancellationToken))
            {
                // The service gives them in their order, so that what is young is not read.
                if (names.Count == most || string.CompareOrdinal(blob.Name, prefix + before) >= 0)
                {
                    break;
                }

                names.Add(blob.Name);
            }

            await Parallel.ForEachAsync(
                names,
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
                async (name, token) => await container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: token)
            );
            return names.Count;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>The first parts of all names.</summary>
    public async Task<IReadOnlyList<string>> ListFoldersAsync(CancellationToken cancellationToken = default)
    {
        var folders = new List<string>();
        try
        {
            await foreach (
                var item in container.GetBlobsByHierarchyAsync(
                    new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" },
                    cancellationToken
                )
            )
            {
                if (item.IsPrefix)
                {
                    folders.Add(item.Prefix[prefix.Length..].TrimEnd('/'));
                }
            }

            return folders;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>The names of all logs that begin with <paramref name="start"/>, in their order.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string start, CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        try
        {
            await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix + start }, cancellationToken))
            {
                names.Add(blob.Name[prefix.Length..]);
            }
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        return names;
    }

    /// <summary>Reads a log whole; null if there is none.</summary>
    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return (await container.GetBlobClient(prefix + name).DownloadContentAsync(cancellationToken)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }
}
