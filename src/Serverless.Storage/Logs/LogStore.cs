using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Serverless.Storage.Logs;

/// <summary>Stores logs of one kind (for example, of tasks) in append blobs that grow while something runs.</summary>
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
    /// Appends to a log at <paramref name="offset"/>, its current end. The first part creates the log. A log has one writer, so a longer
    /// log than expected means that this part arrived and only the response was lost.
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

    /// <summary>Opens a log at a byte offset. Returns null if it does not exist.</summary>
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

    /// <summary>Removes all logs whose names begin with <paramref name="start"/>.</summary>
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
    /// Removes logs whose names begin with <paramref name="start"/> and sort before <paramref name="before"/>, up to a maximum number.
    /// </summary>
    /// <returns>The number of removed logs.</returns>
    public async Task<int> DeleteBeforeAsync(string start, string before, int most, CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        try
        {
            await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix + start }, cancellationToken))
            {
                // The service returns names in order, so recent ones are not read.
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

    /// <summary>Lists the distinct first segments of the names.</summary>
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

    /// <summary>Lists the names of all logs that begin with <paramref name="start"/>, in order.</summary>
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

    /// <summary>Reads a whole log. Returns null if it does not exist.</summary>
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
