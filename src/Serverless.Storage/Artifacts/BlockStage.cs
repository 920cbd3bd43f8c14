using System.Buffers;
using System.Security.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core;

namespace Serverless.Storage.Artifacts;

/// <summary>
/// Sends a stream of any length to a blob as blocks, some at a time, while the next one is still being received. Nothing is to be
/// seen of them until they are committed; what never is, the store discards by itself.
/// </summary>
internal sealed class BlockStage(BlockBlobClient blob, Func<int, string> idOf)
{
    /// <summary>Memory of an upload is a few of these: small enough for many uploads, large enough that round trips do not count.</summary>
    public const int BlockBytes = 4 << 20;

    /// <summary>The most blocks a blob can have.</summary>
    public const int MaxBlocks = 50_000;

    private const int Parallelism = 4;

    /// <summary>Stages the rest of the body after its first block.</summary>
    /// <param name="first">The first block, rented from the shared pool; it is given back here.</param>
    /// <returns>How many blocks there are, and how many bytes in them.</returns>
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
                        $"The artifact is larger than {(long)MaxBlocks * BlockBytes >> 30} GiB, the most that one can have.",
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
            // What is on its way still reads its buffers.
            await failing.CancelAsync();
            await Task.WhenAll(staged)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            // The first block that failed is why the reading ended.
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
        // Off the thread that receives: the digest takes as long as the receiving does.
        await Task.Yield();
        try
        {
            // A store that is given no digest computes one of its own; Azurite's is in JavaScript, and slower than all the rest.
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
