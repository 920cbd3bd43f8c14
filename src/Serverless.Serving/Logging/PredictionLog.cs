using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Storage;

namespace Serverless.Serving.Logging;

/// <summary>Which predictions to read.</summary>
/// <param name="Version">One version; null for all.</param>
/// <param name="MostRows">Beyond so many, the newest are read and the rest is left out.</param>
public sealed record PredictionQuery(DateTimeOffset From, DateTimeOffset To, int? Version = null, int MostRows = 1_000_000);

/// <summary>
/// The log of what a workspace's models were asked and answered, whichever host did, joined with the labels that came later.
/// </summary>
public sealed class PredictionLog(Store store)
{
    private const int ParallelReads = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>The labels of requests.</summary>
    internal LabelTable Labels { get; } = new(store);

    /// <param name="modelId">The id of the registered model, which outlives its names.</param>
    public async Task<PredictionWindow> ReadAsync(string modelId, PredictionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.To <= query.From || query.To - query.From > Longest)
        {
            throw ServerlessException.Invalid("A window goes from a time to a later one, at most a year.", "Correct the times.");
        }

        var rows = new PredictionRows();
        var pieces = new List<byte[]>();
        var count = 0;
        // From the newest on, so that a window that is too large keeps what matters most.
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

    /// <summary>The requests of one slice that are written.</summary>
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

    /// <summary>The blobs of an hour that lie in the window, the newest first, by parts that are read together.</summary>
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
