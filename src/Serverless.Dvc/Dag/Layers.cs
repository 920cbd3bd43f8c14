namespace Serverless.Dvc.Dag;

/// <summary>A node of the drawing: a name, or without text the place where a line crosses a layer.</summary>
internal sealed class Spot(string text, int layer)
{
    public string Text { get; } = text;

    public int Layer { get; } = layer;

    public int Width => Text.Length == 0 ? 1 : Text.Length + 4;

    /// <summary>Gets the position of its middle.</summary>
    public double X { get; set; }

    public List<Spot> Above { get; } = [];

    public List<Spot> Below { get; } = [];
}

/// <summary>Arranges a graph in layers: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system
/// structures", 1981. Longest paths determine the layers, barycentres the order within them.</summary>
internal sealed class Layers
{
    private const int Gap = 3;
    private const int Sweeps = 12;

    private Layers(List<List<Spot>> rows) => Rows = rows;

    public List<List<Spot>> Rows { get; }

    public static Layers Of(NameGraph graph)
    {
        var depth = new Dictionary<string, int>(StringComparer.Ordinal);
        var order = new Queue<string>(graph.Nodes);
        while (order.TryDequeue(out var name))
        {
            // Dependencies come first. The graph has no cycles, so every round settles at least one node.
            if (graph.UpstreamOf(name).All(depth.ContainsKey))
            {
                depth[name] = graph.UpstreamOf(name).Select(u => depth[u] + 1).DefaultIfEmpty(0).Max();
            }
            else
            {
                order.Enqueue(name);
            }
        }

        var spots = graph.Nodes.ToDictionary(n => n, n => new Spot(n, depth[n]), StringComparer.Ordinal);
        var rows = Enumerable.Range(0, depth.Values.DefaultIfEmpty(-1).Max() + 1).Select(_ => new List<Spot>()).ToList();
        foreach (var name in graph.Nodes)
        {
            rows[depth[name]].Add(spots[name]);
        }

        foreach (var (from, to) in graph.Edges)
        {
            var last = spots[from];
            for (var layer = last.Layer + 1; layer < depth[to]; layer++)
            {
                var passing = new Spot("", layer);
                rows[layer].Add(passing);
                Tie(last, passing);
                last = passing;
            }

            Tie(last, spots[to]);
        }

        var result = new Layers(rows);
        result.Order();
        result.Place();
        return result;
    }

    private static void Tie(Spot above, Spot below)
    {
        above.Below.Add(below);
        below.Above.Add(above);
    }

    private void Order()
    {
        Spread();
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var isDown = sweep % 2 == 0;
            for (var i = 0; i < Rows.Count; i++)
            {
                var row = Rows[isDown ? i : Rows.Count - 1 - i];
                var sorted = row.Select((spot, at) => (spot, at))
                    .OrderBy(s => Middle(isDown ? s.spot.Above : s.spot.Below) ?? s.spot.X)
                    .ThenBy(s => s.at)
                    .Select(s => s.spot)
                    .ToList();
                row.Clear();
                row.AddRange(sorted);
                SpreadRow(row);
            }
        }
    }

    // Each node goes below the middle of its parents, as far as its neighbours leave room.
    private void Place()
    {
        Spread();
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var isDown = sweep % 2 == 0;
            for (var i = 0; i < Rows.Count; i++)
            {
                var row = Rows[isDown ? i : Rows.Count - 1 - i];
                var wanted = row.Select(s => Middle([.. s.Above, .. s.Below]) ?? s.X).ToList();
                Fit(row, wanted);
            }
        }

        var left = Rows.SelectMany(r => r).Select(s => s.X - (s.Width / 2.0)).DefaultIfEmpty(0).Min();
        foreach (var spot in Rows.SelectMany(r => r))
        {
            spot.X -= left;
        }
    }

    private static void Fit(List<Spot> row, List<double> wanted)
    {
        // From the left and from the right. The middle of both keeps the distances, because each of them does.
        var fromLeft = new double[row.Count];
        var fromRight = new double[row.Count];
        for (var i = 0; i < row.Count; i++)
        {
            fromLeft[i] = i == 0 ? wanted[i] : Math.Max(wanted[i], fromLeft[i - 1] + Distance(row[i - 1], row[i]));
        }

        for (var i = row.Count - 1; i >= 0; i--)
        {
            fromRight[i] = i == row.Count - 1 ? wanted[i] : Math.Min(wanted[i], fromRight[i + 1] - Distance(row[i], row[i + 1]));
        }

        for (var i = 0; i < row.Count; i++)
        {
            row[i].X = (fromLeft[i] + fromRight[i]) / 2;
        }
    }

    private void Spread() => Rows.ForEach(SpreadRow);

    private static void SpreadRow(List<Spot> row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            row[i].X = i == 0 ? row[i].Width / 2.0 : row[i - 1].X + Distance(row[i - 1], row[i]);
        }
    }

    private static double Distance(Spot left, Spot right) => ((left.Width + right.Width) / 2.0) + Gap;

    private static double? Middle(List<Spot> spots) => spots.Count == 0 ? null : spots.Average(s => s.X);
}
