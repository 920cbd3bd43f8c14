using System.Buffers;
using System.Security.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core;

namespace Serverless.Storage.Artifacts;

/// <summary>
/// Uploads a stream of any length to a blob as blocks, several at a time, while the next one is being received. Blocks stay invisible
/// until they are committed; the store discards uncommitted blocks.
/// </summary>
internal sealed class BlockStage(BlockBlobClient blob, Func<int, string> idOf)
{
    /// <summary>
    /// The size of a block. An upload keeps a few blocks in memory: small enough for many uploads, large enough for round trips not to
    /// matter.
    /// </summary>
    public const int BlockBytes = 4 << 20;

    /// <summary>The maximum number of blocks of a blob.</summary>
    public const int MaxBlocks = 50_000;

    private const int Parallelism = 4;

    /// <summary>Stages the rest of the body after its first block.</summary>
    /// <param name="first">The first block, rented from the shared pool. This method returns it.</param>
    /// <returns>The number of blocks and of bytes.</returns>
    public async Task<(int Blocks, long Bytes)> RunAsync(byte[] first, int count, Stream body, CancellationToken cancellationToken)
    {
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var slots = new SemaphoreSlim(Parallelism);
        var staged = new List<Task>();
        var (buffer, bytes) = (first, 0L);
        try
        {
            while (count > 0)
            {
                if (staged.Count == MaxBlocks)
                {
                    throw ServerlessException.Invalid(
                        $"The artifact is larger than {(long)MaxBlocks * BlockBytes >> 30} GiB, the maximum size.",
                        "Split it into several files."
                    );
                }

                await slots.WaitAsync(failing.Token);
                staged.Add(StageAsync(idOf(staged.Count), buffer, count, slots, failing));
                buffer = [];
                bytes += count;
                buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
                count = await body.ReadAtLeastAsync(buffer.AsMemory(0, BlockBytes), BlockBytes, throwOnEndOfStream: false, failing.Token);
            }
        }
        catch (Exception e)
        {
            // Requests in progress still read their buffers.
            await failing.CancelAsync();
            await Task.WhenAll(staged)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            // The reading ended because of the first block that failed.
            if (e is OperationCanceledException && staged.Find(t => t.IsFaulted) is { } failed)
            {
                await failed;
            }

            throw;
        }
        finally
        {
            Return(buffer);
        }

        await Task.WhenAll(staged);
        return (staged.Count, bytes);
    }

    private async Task StageAsync(string id, byte[] buffer, int count, SemaphoreSlim slots, CancellationTokenSource failing)
    {
        // Not on the receiving thread: the digest takes as long as the receiving does.
        await Task.Yield();
        try
        {
            // Without a digest, the store computes its own; Azurite does that in JavaScript, slower than everything else.
            var digest = MD5.HashData(buffer.AsSpan(0, count));
            using var content = new MemoryStream(buffer, 0, count, writable: false);
            await blob.StageBlockAsync(
                id,
                content,
                new BlockBlobStageBlockOptions
                {
                    TransferValidation = new UploadTransferValidationOptions
                    {
                        ChecksumAlgorithm = StorageChecksumAlgorithm.MD5,
                        PrecalculatedChecksum = digest,
                    },
                },
                failing.Token
            );
        }
        catch (Exception e)
        {
            await failing.CancelAsync();
            if (StorageFaults.Translate(e) is { } fault)
            {
                throw fault;
            }

            throw;
        }
        finally
        {
            Return(buffer);
            slots.Release();
        }
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
