using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Presets;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Drift;

/// <summary>
/// Collects new data, frame by frame, and compares it with a profile of the reference. Each row is read once. A long window keeps only
/// counts, so its size does not matter.
/// </summary>
public sealed class DriftWindow
{
    private readonly ReferenceProfile _reference;
    private readonly DriftOptions _options;
    private readonly List<WindowColumn> _columns;
    private readonly List<SkippedColumn> _skipped;
    private readonly List<string> _newColumns = [];
    private readonly Dictionary<string, DriftWindow> _segments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _newSegments = new(StringComparer.Ordinal);
    private long _rows;

    public DriftWindow(ReferenceProfile reference, DriftOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        _options = options ?? new DriftOptions();
        _options.Check();
        _reference = reference;
        var choice = ColumnChoice.Of(reference, _options);
        _skipped = choice.Skipped;
        _columns = [.. choice.Compared.Select(column => new WindowColumn(column, _options.BufferedValues))];
        if (_options.By is null)
        {
            return;
        }

        if (_options.By != reference.By)
        {
            throw ServerlessException.Invalid(
                $"The profile of the reference {(reference.By is null ? "has no segments" : $"is segmented by '{reference.By}'")}, "
                    + $"so a report by '{_options.By}' is not possible.",
                $"Profile the reference again by '{_options.By}'."
            );
        }

        foreach (var segment in reference.Segments)
        {
            _segments.Add(segment.Value, new DriftWindow(segment.Profile, ForSegment(_options, reference.By)));
        }
    }

    public void Add(ColumnFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        _rows += frame.RowCount;
        foreach (var column in _columns)
        {
            column.Add(frame.TryGet(column.Reference.Name, out var found) ? found : null, frame.RowCount);
        }

        var known = _reference.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        _newColumns.AddRange(
            frame.Columns.Select(column => column.Name).Where(name => !known.Contains(name) && !_newColumns.Contains(name))
        );
        if (_options.By is { } by)
        {
            AddToSegments(frame, by);
        }
    }

    /// <exception cref="ServerlessException">A side has no rows, so nothing can be concluded, least of all that nothing
    /// changed.</exception>
    public DriftReport ToReport()
    {
        if (_rows == 0 || _reference.RowCount == 0)
        {
            throw ServerlessException.Invalid(
                $"The {(_rows == 0 ? "current data" : "reference")} has no rows, so it cannot be compared.",
                "Check the program that wrote the data."
            );
        }

        var pairs = _columns.Select(column => column.ToPair()).ToList();
        IDriftPreset preset = _options.Preset == DriftPresets.Evidently ? new EvidentlyPreset() : new DefaultPreset();
        var verdicts = preset.Judge(pairs, _options);
        var columns = pairs.Select((pair, i) => ColumnDrifts.Of(pair, verdicts[i])).ToList();
        var drifted = columns.Count(column => column.DriftDetected);
        var share = columns.Count == 0 ? 0 : (double)drifted / columns.Count;
        var weighted = WeightedShare(columns);
        return new DriftReport
        {
            Preset = _options.Preset,
            Reference = new DriftData(_options.ReferenceName, _reference.RowCount),
            Current = new DriftData(_options.CurrentName, _rows),
            DriftShare = _options.DriftShare,
            NumberOfColumns = columns.Count,
            NumberOfDriftedColumns = drifted,
            ShareOfDriftedColumns = share,
            WeightedShareOfDriftedColumns = weighted,
            DatasetDrift = (weighted ?? share) >= _options.DriftShare,
            DriftByColumns = new OrderedDictionary<string, ColumnDrift>(
                columns.Select(column => KeyValuePair.Create(column.ColumnName, column)),
                StringComparer.Ordinal
            ),
            SkippedColumns = _skipped,
            NewColumns = _newColumns,
            Segments = [.. Segments()],
        };
    }

    private void AddToSegments(ColumnFrame frame, string by)
    {
        if (!frame.Contains(by))
        {
            return;
        }

        foreach (var segment in SegmentRows.Of(frame, by))
        {
            if (_segments.TryGetValue(segment.Value, out var window))
            {
                window.Add(frame.Take(segment.Rows).Without(by));
            }
            else
            {
                _newSegments[segment.Value] = _newSegments.GetValueOrDefault(segment.Value) + segment.Rows.Count;
            }
        }
    }

    private IEnumerable<DriftSegment> Segments()
    {
        foreach (var segment in _reference.Segments.Where(segment => _segments.ContainsKey(segment.Value)))
        {
            var window = _segments[segment.Value];
            yield return window._rows > 0
                ? new DriftSegment(_options.By!, segment.Value, window.ToReport())
                : new DriftSegment(_options.By!, segment.Value, null, "The current data has no rows in this segment.");
        }

        foreach (
            var (value, rows) in _newSegments
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Take(20)
        )
        {
            yield return new DriftSegment(_options.By!, value, null, $"{rows} rows; the profile of the reference has no such segment.");
        }
    }

    private double? WeightedShare(List<ColumnDrift> columns)
    {
        if (_options.Weights is not { } weights)
        {
            return null;
        }

        var total = columns.Sum(column => weights.GetValueOrDefault(column.ColumnName));
        return total == 0
            ? 0
            : columns.Where(column => column.DriftDetected).Sum(column => weights.GetValueOrDefault(column.ColumnName)) / total;
    }

    // The segment column has the same value in all rows of a segment.
    private static DriftOptions ForSegment(DriftOptions options, string by) =>
        options with
        {
            By = null,
            Columns = options.Columns is null ? null : [.. options.Columns.Where(name => name != by)],
            Exclude = [.. options.Exclude.Where(name => name != by)],
        };
}
