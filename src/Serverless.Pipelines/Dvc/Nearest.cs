namespace Serverless.Pipelines.Dvc;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class Nearest
{
    /// <summary>The candidate that is fewest edits away; null if none is near.</summary>
    public static string? To(string written, IEnumerable<string> candidates)
    {
        var limit = Math.Max(1, Math.Min(3, (written.Length + 1) / 3));
        string? best = null;
        foreach (var candidate in candidates)
        {
            var distance = string.Equals(candidate, written, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(written, candidate, limit);
            if (distance <= limit && (distance < limit || best is null))
            {
                (best, limit) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>`Did you mean 'x'?`, or else what is told instead.</summary>
    public static string Fix(string written, IEnumerable<string> candidates, string otherwise) =>
        To(written, candidates) is { } near ? $"Did you mean '{near}'?" : otherwise;

    // Edits and swaps of neighbours, given up beyond the limit.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
        {
            return limit + 1;
        }

        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
