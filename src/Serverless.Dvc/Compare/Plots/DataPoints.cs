using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>The points of a plot and its inferred axes.</summary>
/// <param name="Ys">The short file name and the field of each line.</param>
internal sealed record DataPoints(
    IReadOnlyList<DataMap> Points,
    string X,
    string Y,
    string? XLabel,
    string? YLabel,
    IReadOnlyList<(string File, string Field)> Ys
);

/// <summary>Creates points from the lists of maps in a plot's files. The definition assigns the fields; otherwise they are guessed like in
/// DVC: the last field against the row number.</summary>
internal sealed class DataPointReader(string id, DataMap definition, IReadOnlyDictionary<string, DataNode> files)
{
    private const string Index = "step";
    private const string ManyX = "dvc_inferred_x_value";
    private const string ManyY = "dvc_inferred_y_value";

    /// <summary>Creates the points. Returns null if there are none.</summary>
    public DataPoints? Read(string revision)
    {
        var rows = files.ToDictionary(f => f.Key, f => Rows(f.Value), StringComparer.Ordinal);
        var y = definition["y"] switch
        {
            null or { IsNull: true } => Guess(),
            DataMap map => map,
            var field => FileValues.Map(id, field),
        };
        var x = definition["x"] switch
        {
            DataMap map => map,
            { AsText: { } field } when definition["y"] is DataMap several => new DataMap([
                .. several.Entries.Select(e => e with { Value = Repeated(field, e.Value) }),
            ]),
            { AsText: { } field } => FileValues.Map(id, DataScalar.Text(field)),
            _ => null,
        };
        var xs = Fields(x, rows).ToList();
        var ys = Fields(y, rows).ToList();
        if (xs.Count > 1 && xs.Count != ys.Count)
        {
            throw ServerlessException.Invalid(
                $"Cannot have different number of x and y data sources. Found {xs.Count} x and {ys.Count} y data sources."
            );
        }

        var xName =
            xs.Select(f => f.Field).Distinct(StringComparer.Ordinal).Count() > 1 ? ManyX
            : xs.Count > 0 ? xs[0].Field
            : Index;
        var yFields = ys.Select(f => f.Field).Distinct(StringComparer.Ordinal).ToList();
        var yName = yFields.Count > 1 ? ManyY : yFields.FirstOrDefault() ?? "";
        var shortened = Shortened([.. ys.Select(f => f.File).Distinct(StringComparer.Ordinal)]);
        var points = new List<DataMap>();
        for (var i = 0; i < ys.Count; i++)
        {
            var xFrom =
                xs.Count > 1 ? xs[i]
                : xs.Count == 1 ? xs[0]
                : default((string File, string Field)?);
            points.AddRange(
                Line(rows, ys[i], xFrom, xName, yName)
                    .Select(p =>
                        p.With("rev", DataScalar.Text(revision))
                            .With("filename", DataScalar.Text(shortened[ys[i].File]))
                            .With("field", DataScalar.Text(ys[i].Field))
                    )
            );
        }

        return points.Count == 0
            ? null
            : new DataPoints(
                points,
                xName,
                yName,
                Label("x_label", x, Index, "x"),
                Label("y_label", y, null, "y"),
                [.. ys.Select(f => (shortened[f.File], f.Field))]
            );
    }

    private static DataNode Repeated(string field, DataNode fields) =>
        fields is DataList list ? new DataList([.. list.Items.Select(_ => (DataNode)DataScalar.Text(field))]) : DataScalar.Text(field);

    private static IEnumerable<DataMap> Line(
        Dictionary<string, List<DataMap>> rows,
        (string File, string Field) y,
        (string File, string Field)? x,
        string xName,
        string yName
    )
    {
        var own = rows.GetValueOrDefault(y.File) ?? [];
        var other = x is { } from ? rows.GetValueOrDefault(from.File) ?? [] : own;
        if (other.Count != own.Count)
        {
            throw ServerlessException.Invalid(
                $"Cannot join '{x!.Value.Field}' from '{x.Value.File}' and '{y.Field}' from '{y.File}'. They have to have same length."
            );
        }

        for (var i = 0; i < own.Count; i++)
        {
            var point = yName == ManyY && own[i][y.Field] is { } value ? own[i].With(ManyY, value) : own[i];
            yield return x is null ? point.With(Index, DataScalar.Int(i))
            : other[i][x.Value.Field] is { } at ? point.With(xName, at)
            : point;
        }
    }

    private static IEnumerable<(string File, string Field)> Fields(DataMap? axis, Dictionary<string, List<DataMap>> rows)
    {
        foreach (var entry in axis?.Entries ?? [])
        {
            var file = PythonText.Str(entry.Key);
            foreach (var field in entry.Value is DataList list ? list.Items.Select(PythonText.Str) : [PythonText.Str(entry.Value)])
            {
                if (rows.TryGetValue(file, out var points) && points.Count > 0 && !points[0].Contains(field))
                {
                    throw ServerlessException.Invalid(
                        $"Could not find provided field ('{field}') in data fields ('{string.Join(", ", points[0].TextKeys)}')."
                    );
                }

                yield return (file, field);
            }
        }
    }

    // All lists of maps with the same keys, row by row.
    private static List<DataMap> Rows(DataNode content)
    {
        var result = new List<DataMap>();
        foreach (var list in Lists(content))
        {
            if (
                list.Items.Count == 0
                || list.Items.Any(i => i is not DataMap)
                || list.Items.Cast<DataMap>()
                    .Any(m => !m.TextKeys.ToHashSet(StringComparer.Ordinal).SetEquals(((DataMap)list.Items[0]).TextKeys))
            )
            {
                continue;
            }

            for (var i = 0; i < list.Items.Count; i++)
            {
                var row = (DataMap)list.Items[i];
                if (i == result.Count)
                {
                    result.Add(row);
                }
                else
                {
                    result[i] = PlotDefinitions.Merge(result[i], row);
                }
            }
        }

        return result;
    }

    private static IEnumerable<DataList> Lists(DataNode content) =>
        content switch
        {
            DataList list => [list],
            DataMap map => map.Entries.SelectMany(e => Lists(e.Value)),
            _ => [],
        };

    private static Dictionary<string, string> Shortened(List<string> paths)
    {
        var common = paths.Count < 2 ? [] : paths[0].Split('/');
        foreach (var parts in paths.Skip(1).Select(p => p.Split('/')))
        {
            common = [.. common.Zip(parts).TakeWhile(p => p.First == p.Second).Select(p => p.First)];
        }

        var length = string.Join('/', common).Length;
        return paths.ToDictionary(p => p, p => p[length..].Trim('/'), StringComparer.Ordinal);
    }

    private DataMap? Guess()
    {
        if (!files.TryGetValue(id, out var content))
        {
            return null;
        }

        var first = Lists(content).FirstOrDefault(l => l.Items.Count > 0 && l.Items.All(i => i is DataMap))?.Items[0] as DataMap;
        return first?.Entries.Count > 0 ? FileValues.Map(id, DataScalar.Text(PythonText.Str(first.Entries[^1].Key))) : null;
    }

    private string? Label(string key, DataMap? axis, string? none, string many)
    {
        if (definition[key]?.AsText is { } label)
        {
            return label;
        }

        var fields = (axis?.Entries ?? [])
            .SelectMany(e => e.Value is DataList list ? list.Items : [e.Value])
            .Select(PythonText.Str)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return axis is null ? none
            : fields.Count == 1 ? fields[0]
            : many;
    }
}
