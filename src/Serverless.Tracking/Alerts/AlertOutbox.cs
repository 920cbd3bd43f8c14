using System.Globalization;
using Serverless.Storage.Tables;
using Serverless.Tracking.Models;

namespace Serverless.Tracking.Alerts;

/// <summary>
/// Stores the alerts to deliver. They are in the registry's partition, so that a change of a model and its alert are written together or
/// not at all.
/// <code>
/// r|alert|{alert}|{n}                  pending for the n-th target
/// r|alerts|{newest first}|{alert}|{n}  a finished delivery
/// r|alerted|{alert}                    accepted, whatever the outcome
/// </code>
/// </summary>
public sealed class AlertOutbox(ModelRegistry registry, TimeProvider time)
{
    private const int Kept = 1000;
    private const string Alerted = "alerted";

    internal ModelRecords Records => registry.Records;

    /// <summary>
    /// Accepts an alert. A duplicate is ignored, whether delivered or not, so a caller can report an event repeatedly until it knows that
    /// it was accepted.
    /// </summary>
    public async Task EnqueueAsync(Alert alert, IReadOnlyList<AlertTarget> targets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        if (Changes(alert, targets) is { Count: > 0 } changes)
        {
            var mark = Records.RowOf(ModelRecords.Key(Alerted, Keys.Bounded(alert.Id)), new AlertedMark(time.GetUtcNow()));
            await Records.CommitAsync([RowChange.Insert(mark), .. changes], cancellationToken);
        }
    }

    /// <summary>Returns the rows that put an alert into the outbox, for a transaction that changes a model.</summary>
    public IReadOnlyList<RowChange> Changes(Alert alert, IReadOnlyList<AlertTarget> targets)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return
        [
            .. targets
                .Index()
                .Where(t => t.Item.Wants(alert.Event))
                .Select(t =>
                    RowChange.Insert(
                        Records.RowOf(
                            ModelRecords.Key("alert", Keys.Bounded(alert.Id), t.Index.ToString(CultureInfo.InvariantCulture)),
                            new AlertDelivery
                            {
                                Alert = alert,
                                Target = t.Item,
                                CreatedAt = time.GetUtcNow(),
                            }
                        )
                    )
                ),
        ];
    }

    /// <summary>Returns the pending deliveries.</summary>
    public async Task<IReadOnlyList<AlertDelivery>> ListPendingAsync(CancellationToken cancellationToken = default) =>
        [.. (await PendingAsync(cancellationToken)).Select(r => r.Read<AlertDelivery>())];

    /// <summary>Returns the most recent finished deliveries.</summary>
    public async Task<IReadOnlyList<AlertDelivery>> ListEndedAsync(int most = 100, CancellationToken cancellationToken = default)
    {
        var ended = new List<AlertDelivery>();
        await foreach (var row in Records.ListAsync(ModelRecords.Key("alerts", ""), cancellationToken))
        {
            ended.Add(row.Read<AlertDelivery>());
            if (ended.Count >= Math.Min(most, Kept))
            {
                break;
            }
        }

        return ended;
    }

    /// <summary>Deletes alerts that finished before a time, up to a maximum number of rows of each kind.</summary>
    /// <returns>The number of deleted rows.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var old = new List<Row>();
        await foreach (var row in Records.ListAsync(ModelRecords.Key("alerts", ""), cancellationToken))
        {
            if (row.Read<AlertDelivery>().CreatedAt < before && old.Count < most)
            {
                old.Add(row);
            }
        }

        var ended = old.Count;
        await foreach (var row in Records.ListAsync(ModelRecords.Key(Alerted, ""), cancellationToken))
        {
            if (row.Read<AlertedMark>().Time < before && old.Count - ended < most)
            {
                old.Add(row);
            }
        }

        foreach (var piece in old.Select(r => RowChange.Delete(r)).Chunk(Table.MaxChanges))
        {
            await Records.CommitAsync(piece, cancellationToken);
        }

        return old.Count;
    }

    public async Task<IReadOnlyList<Row>> PendingAsync(CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        await foreach (var row in Records.ListAsync(ModelRecords.Key("alert", ""), cancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Writes the state of a delivery under an ETag condition. Returns false if another host was first.</summary>
    public async Task<Row?> ReplaceAsync(Row row, AlertDelivery delivery, CancellationToken cancellationToken)
    {
        var next = Records.RowOf(row.RowKey, delivery);
        return (await Records.CommitAsync([RowChange.Replace(next, row.ETag)], cancellationToken)).IsCommitted ? next : null;
    }

    /// <summary>Moves a delivery to the finished ones.</summary>
    public Task EndAsync(Row row, AlertDelivery delivery, CancellationToken cancellationToken)
    {
        var key = Keys.Split(row.RowKey);
        return Records.CommitAsync(
            [
                RowChange.Delete(row, row.ETag),
                RowChange.Put(Records.RowOf(ModelRecords.Key("alerts", Keys.NewestFirst(delivery.CreatedAt), key[^2], key[^1]), delivery)),
            ],
            cancellationToken
        );
    }
}

/// <summary>The record that an alert was accepted.</summary>
internal sealed record AlertedMark(DateTimeOffset Time);
