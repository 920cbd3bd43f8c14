using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Storage;

namespace Serverless.Serving.Logging;

/// <summary>Selects the predictions to read.</summary>
/// <param name="Version">A version. Null for all.</param>
/// <param name="MostRows">The maximum number of rows. If there are more, the newest are read.</param>
public sealed record PredictionQuery(DateTimeOffset From, DateTimeOffset To, int? Version = null, int MostRows = 1_000_000);

/// <summary>
/// The prediction log of a workspace's models on all hosts, joined with the labels.
/// </summary>
public sealed class PredictionLog(Store store)
{
    private const int ParallelReads = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>The labels of requests.</summary>
    internal LabelTable Labels { get; } = new(store);

    /// <param name="modelId">The ID of the registered model, which does not change when it is renamed.</param>
    public async Task<PredictionWindow> ReadAsync(string modelId, PredictionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.To <= query.From || query.To - query.From > Longest)
        {
            throw ServerlessException.Invalid(
                "The window is invalid: its end must be after its start, and it can span at most a year.",
                "Correct the times."
            );
        }

        var rows = new PredictionRows();
        var pieces = new List<byte[]>();
        var count = 0;
        // Newest first, so that a window that is too large keeps the newest rows.
        for (var hour = HourOf(query.To.AddTicks(-1)); hour >= HourOf(query.From) && !rows.IsTruncated; hour = hour.AddHours(-1))
        {
            foreach (var blobs in await BlobsAsync(modelId, hour, query, cancellationToken))
            {
                if (count >= query.MostRows)
                {
                    rows.IsTruncated = true;
                    break;
                }

                var read = new byte[blobs.Length][];
                await Parallel.ForAsync(
                    0,
                    blobs.Length,
                    new ParallelOptions { MaxDegreeOfParallelism = ParallelReads, CancellationToken = cancellationToken },
                    async (i, token) => read[i] = await store.Predictions.ReadAsync(blobs[i], token) ?? []
                );
                pieces.AddRange(read);
                count += read.Sum(CountRows);
            }
        }

        var labels = await Labels.ReadAsync(modelId, query.From, query.To, cancellationToken);
        pieces.Reverse();
        foreach (var line in pieces.SelectMany(p => LinesOf(p)))
        {
            rows.Add(line, query.Version, query.From, query.To, (request, row) => labels.GetValueOrDefault((request, row)));
        }

        return new PredictionWindow(rows);
    }

    /// <summary>The written requests of one slice.</summary>
    internal async Task<IReadOnlyDictionary<string, LoggedRequest>> ReadRequestsAsync(
        string modelId,
        LogSlice slice,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, LoggedRequest>(StringComparer.Ordinal);
        foreach (var line in LinesOf(await store.Predictions.ReadAsync(LogNames.Of(modelId, slice), cancellationToken) ?? []))
        {
            if (LoggedRequest.Parse(line.Span) is var (request, logged))
            {
                found[request] = logged;
            }
        }

        return found;
    }

    /// <summary>The blobs of an hour in the window, newest first, in batches that are read together.</summary>
    private async Task<IEnumerable<string[]>> BlobsAsync(
        string modelId,
        DateTimeOffset hour,
        PredictionQuery query,
        CancellationToken cancellationToken
    )
    {
        var names = await store.Predictions.ListAsync(LogNames.HourPrefix(modelId, hour), cancellationToken);
        return names
            .Where(n => LogNames.MinuteOf(n) is { } minute && minute < query.To && minute.AddMinutes(1) > query.From.AddMinutes(-1))
            .Reverse()
            .Chunk(ParallelReads);
    }

    private static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcDateTime.Date.AddHours(time.UtcDateTime.Hour), TimeSpan.Zero);

    private static int CountRows(byte[] piece) => LinesOf(piece).Sum(line => LoggedRequest.Parse(line.Span)?.Logged.Rows ?? 0);

    private static IEnumerable<ReadOnlyMemory<byte>> LinesOf(byte[] piece)
    {
        for (var at = 0; at < piece.Length; )
        {
            var length = piece.AsSpan(at).IndexOf((byte)'\n');
            yield return length < 0 ? piece.AsMemory(at) : piece.AsMemory(at, length);
            at = length < 0 ? piece.Length : at + length + 1;
        }
    }
}
