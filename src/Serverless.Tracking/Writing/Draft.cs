using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>The next state of a run and the rows that establish it.</summary>
internal sealed record Draft(
    Run Run,
    RowChange Summary,
    IReadOnlyList<RowChange> Points,
    MetricRow LastRow,
    IReadOnlyList<(ExperimentRuns.Pending Pending, Run Run)> Accepted,
    int Bytes
)
{
    public bool IsRemoval { get; private init; }

    public static Draft Of(
        string partition,
        RunState? state,
        Run run,
        List<MetricEntry> points,
        MetricRow lastRow,
        IReadOnlyList<(ExperimentRuns.Pending, Run)> accepted,
        bool isRemoval
    )
    {
        var next = run;
        var rows = new List<RowChange>();
        for (var at = 0; at < points.Count; )
        {
            if (next.MetricRows == 0 || lastRow.Count >= MetricRow.MaxPoints)
            {
                lastRow = MetricRow.Empty;
                next = next with { MetricRows = next.MetricRows + 1 };
            }

            var taken = points.GetRange(at, Math.Min(MetricRow.MaxPoints - lastRow.Count, points.Count - at));
            at += taken.Count;
            lastRow = lastRow.Add(taken);
            next = next with { LastRowPoints = lastRow.Count };
            // Only the holder of the summary's ETag writes it: the same transaction guards both.
            rows.Add(RowChange.Put(Row.Of(partition, RunKeys.MetricRow(next.Id, next.MetricRows - 1), lastRow)));
        }

        // A row that this change filled up and left was added more than once: the last one counts.
        rows = [.. rows.GroupBy(r => r.Row.RowKey).Select(g => g.Last())];
        var row = Row.Of(partition, RunKeys.Run(next.Id), next);
        var summary =
            isRemoval ? RowChange.Delete(row, state!.ETag)
            : state is null ? RowChange.Insert(row)
            : RowChange.Replace(row, state.ETag);
        return new Draft(next, summary, rows, lastRow, accepted, row.Size + rows.Sum(r => r.Row.Size)) { IsRemoval = isRemoval };
    }
}
