namespace Serverless.Dvc.Dag;

/// <summary>Draws a graph with boxes of ASCII characters, from top to bottom.</summary>
internal static class AsciiDrawing
{
    private const int BoxHeight = 3;
    private const int Space = 3;

    public static string Draw(NameGraph graph) => string.Join('\n', graph.Parts().Select(DrawPart));

    private static string DrawPart(NameGraph part)
    {
        var layers = Layers.Of(part);
        var spots = layers.Rows.SelectMany(r => r).ToList();
        var width = (int)Math.Ceiling(spots.Max(s => s.X + (s.Width / 2.0))) + 1;
        var height = (layers.Rows.Count * (BoxHeight + Space)) - Space;
        var canvas = new char[height][];
        for (var y = 0; y < height; y++)
        {
            canvas[y] = new char[width];
            Array.Fill(canvas[y], ' ');
        }

        // The boxes come last: they cover the ends of the lines.
        foreach (var spot in spots)
        {
            foreach (var below in spot.Below)
            {
                Line(canvas, (int)spot.X, Top(spot) + (BoxHeight / 2), (int)below.X, Top(below) + (BoxHeight / 2));
            }
        }

        foreach (var spot in spots.Where(s => s.Text.Length > 0))
        {
            Box(canvas, (int)Math.Floor(spot.X - (spot.Width / 2.0)), Top(spot), spot.Text);
        }

        return string.Join('\n', canvas.Select(row => new string(row).TrimEnd()));
    }

    private static int Top(Spot spot) => spot.Layer * (BoxHeight + Space);

    private static void Line(char[][] canvas, int fromX, int fromY, int toX, int toY)
    {
        var steps = Math.Max(Math.Abs(toX - fromX), toY - fromY);
        for (var i = 0; i <= steps; i++)
        {
            canvas[fromY + (int)Math.Round((double)i * (toY - fromY) / steps)][fromX + (int)Math.Round((double)i * (toX - fromX) / steps)] =
                '*';
        }
    }

    private static void Box(char[][] canvas, int x, int y, string text)
    {
        var edge = "+" + new string('-', text.Length + 2) + "+";
        edge.CopyTo(canvas[y].AsSpan(x));
        $"| {text} |".CopyTo(canvas[y + 1].AsSpan(x));
        edge.CopyTo(canvas[y + 2].AsSpan(x));
    }
}
