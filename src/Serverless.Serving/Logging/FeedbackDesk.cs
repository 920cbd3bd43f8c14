using System.Collections.Concurrent;
using System.Globalization;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Logging;

/// <summary>The result of recording labels.</summary>
/// <param name="Recorded">The number of recorded labels.</param>
/// <param name="Refused">The labels without a request or a valid value, each with a reason. They are stored, too.</param>
public sealed record FeedbackResult(int Recorded, IReadOnlyList<Label> Refused);

/// <summary>Records labels of earlier predictions, and checks that each belongs to a prediction.</summary>
public sealed class FeedbackDesk
{
    private const int MostSlices = 256;
    private const int LongestShown = 100;
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(3);

    private readonly PredictionLog log;
    private readonly Func<CancellationToken, Task> flush;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<(string ModelId, LogSlice Slice), IReadOnlyDictionary<string, LoggedRequest>> settled = new();

    /// <param name="flush">Flushes this host's pending log.</param>
    internal FeedbackDesk(PredictionLog log, Func<CancellationToken, Task> flush, TimeProvider time)
    {
        this.log = log;
        this.flush = flush;
        this.time = time;
    }

    /// <summary>
    /// Records valid labels, and stores the others as rejected. Recording a label again changes nothing, and a different label replaces it.
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

    /// <summary>The rejected labels.</summary>
    public Task<IReadOnlyList<Label>> RefusedAsync(string modelId, int most = 100, CancellationToken cancellationToken = default) =>
        log.Labels.ReadRefusedAsync(modelId, most, cancellationToken);

    private string? WhyNot(Label label, LogSlice? slice, IReadOnlyDictionary<string, LoggedRequest>? known)
    {
        if (known is null || !known.TryGetValue(label.Request, out var request))
        {
            return slice is { } at && time.GetUtcNow() - at.Minute < TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(10)
                ? $"The request '{Shown(label.Request)}' is not in the model's log yet: another host may still write it, within seconds."
                : $"The request '{Shown(label.Request)}' is not in the model's log: it does not exist, or it could not be logged.";
        }

        return label.Row < 0 || label.Row >= request.Rows
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Row {label.Row} does not exist: the request has {request.Rows} rows, numbered from 0."
                )
            : request.Positive is not null && label.Value != request.Positive && label.Value != request.Negative
                ? $"The label is '{Shown(label.Value)}', but the model's classes are '{request.Negative}' and '{request.Positive}'."
            : request.IsNumber && !double.TryParse(label.Value, CultureInfo.InvariantCulture, out _)
                ? $"The label is '{Shown(label.Value)}', which is not a number."
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
            // The request may not be written yet: a label can arrive before the next batch.
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
