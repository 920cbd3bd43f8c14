using System.Collections.Concurrent;
using System.Globalization;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Logging;

/// <summary>How labels were taken.</summary>
/// <param name="Recorded">How many were.</param>
/// <param name="Refused">Those that belong to nothing or say nothing, each with its reason. They are kept, too.</param>
public sealed record FeedbackResult(int Recorded, IReadOnlyList<Label> Refused);

/// <summary>Takes labels that come later, and checks that each belongs to a prediction.</summary>
public sealed class FeedbackDesk
{
    private const int MostSlices = 256;
    private const int LongestShown = 100;
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(3);

    private readonly PredictionLog log;
    private readonly Func<CancellationToken, Task> flush;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<(string ModelId, LogSlice Slice), IReadOnlyDictionary<string, LoggedRequest>> settled = new();

    /// <param name="flush">Writes what this host still holds of the log.</param>
    internal FeedbackDesk(PredictionLog log, Func<CancellationToken, Task> flush, TimeProvider time)
    {
        this.log = log;
        this.flush = flush;
        this.time = time;
    }

    /// <summary>
    /// Records the labels that fit and keeps the others as refused. To tell a label again changes nothing; another one takes its place.
    /// </summary>
    public async Task<FeedbackResult> RecordAsync(
        string modelId,
        IReadOnlyList<Label> labels,
        CancellationToken cancellationToken = default
    )
    {
        var (good, bad) = (new List<Label>(), new List<Label>());
        foreach (var group in labels.GroupBy(l => RequestIds.SliceOf(l.Request)))
        {
            var known = group.Key is { } slice ? await RequestsAsync(modelId, slice, group, cancellationToken) : null;
            foreach (var label in group)
            {
                if (WhyNot(label, group.Key, known) is { } why)
                {
                    bad.Add(label with { Why = why });
                }
                else
                {
                    good.Add(label);
                }
            }
        }

        await log.Labels.WriteAsync(modelId, good, cancellationToken);
        await log.Labels.RefuseAsync(
            modelId,
            bad.Select(l => l with { Request = Shown(l.Request), Value = Shown(l.Value) }),
            cancellationToken
        );
        return new FeedbackResult(good.Count, bad);
    }

    /// <summary>Labels that were refused.</summary>
    public Task<IReadOnlyList<Label>> RefusedAsync(string modelId, int most = 100, CancellationToken cancellationToken = default) =>
        log.Labels.ReadRefusedAsync(modelId, most, cancellationToken);

    private string? WhyNot(Label label, LogSlice? slice, IReadOnlyDictionary<string, LoggedRequest>? known)
    {
        if (known is null || !known.TryGetValue(label.Request, out var request))
        {
            return slice is { } at && time.GetUtcNow() - at.Minute < TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(10)
                ? $"The request '{Shown(label.Request)}' is not in the model's log, or not yet: another host writes it within seconds."
                : $"The request '{Shown(label.Request)}' is not in the model's log: it never was, or it could not be logged.";
        }

        return label.Row < 0 || label.Row >= request.Rows
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"The request has {request.Rows} rows, counted from 0; there is no row {label.Row}."
                )
            : request.Positive is not null && label.Value != request.Positive && label.Value != request.Negative
                ? $"The label is '{Shown(label.Value)}', but the model knows only '{request.Negative}' and '{request.Positive}'."
            : request.IsNumber && !double.TryParse(label.Value, CultureInfo.InvariantCulture, out _)
                ? $"The label is '{Shown(label.Value)}', which is no number."
            : null;
    }

    private async Task<IReadOnlyDictionary<string, LoggedRequest>> RequestsAsync(
        string modelId,
        LogSlice slice,
        IEnumerable<Label> wanted,
        CancellationToken cancellationToken
    )
    {
        if (settled.TryGetValue((modelId, slice), out var known))
        {
            return known;
        }

        var isSettled = time.GetUtcNow() - slice.Minute > Settled;
        known = await log.ReadRequestsAsync(modelId, slice, cancellationToken);
        if (wanted.Any(l => !known.ContainsKey(l.Request)) && !isSettled)
        {
            // It may be on its way: a label can come faster than the next batch.
            await flush(cancellationToken);
            known = await log.ReadRequestsAsync(modelId, slice, cancellationToken);
        }

        if (isSettled)
        {
            if (settled.Count >= MostSlices)
            {
                settled.Clear();
            }

            settled[(modelId, slice)] = known;
        }

        return known;
    }

    private static string Shown(string text) => text.Length <= LongestShown ? text : text[..LongestShown] + "…";
}
