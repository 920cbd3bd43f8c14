using Serverless.Core.Columns;

namespace Serverless.Training.Components.Data;

/// <summary>
/// Assigns rows to parts. A hash of the seed and the ID (or row number) places a group (the rows of one ID, or one row) within its
/// stratum. Nothing depends on the state of a random generator, so the same data is split in the same way everywhere.
/// </summary>
internal static class RowSplit
{
    /// <returns>The part of each row: an index into <paramref name="shares"/>.</returns>
    public static int[] Assign(int rows, int seed, Column? stratify, Column? id, double[] shares)
    {
        var groups = new Dictionary<string, Group>(StringComparer.Ordinal);
        var ordered = new List<Group>();
        for (var row = 0; row < rows; row++)
        {
            // A row without an ID is a group of its own.
            var key = id?.GetText(row);
            if (key is not null && groups.TryGetValue(key, out var group))
            {
                group.Rows.Add(row);
                continue;
            }

            // The first row determines a group's stratum.
            group = new Group(
                Hash(seed, key ?? "#" + row.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                stratify?.GetText(row),
                [row]
            );
            ordered.Add(group);
            if (key is not null)
            {
                groups.Add(key, group);
            }
        }

        var parts = new int[rows];
        foreach (var stratum in ordered.GroupBy(g => g.Stratum ?? "", StringComparer.Ordinal))
        {
            Deal([.. stratum.OrderBy(g => g.Order).ThenBy(g => g.Rows[0])], shares, parts);
        }

        return parts;
    }

    /// <summary>Fills the parts in order, each with the number of groups that comes closest to its share of the stratum's rows.</summary>
    private static void Deal(Group[] groups, double[] shares, int[] parts)
    {
        var total = groups.Sum(g => g.Rows.Count);
        var bounds = new double[shares.Length];
        var sum = 0.0;
        for (var i = 0; i < shares.Length; i++)
        {
            bounds[i] = (sum += shares[i]) * total;
        }

        var (part, dealt) = (0, 0);
        foreach (var group in groups)
        {
            while (part < shares.Length - 1 && dealt + (group.Rows.Count / 2.0) > bounds[part] + 1e-9)
            {
                part++;
            }

            foreach (var row in group.Rows)
            {
                parts[row] = part;
            }

            dealt += group.Rows.Count;
        }
    }

    /// <summary>FNV-1a over seed and key, mixed by SplitMix64's finalizer: FNV alone hardly changes the high bits for short keys.</summary>
    private static ulong Hash(int seed, string key)
    {
        var hash = (14695981039346656037UL ^ (uint)seed) * 1099511628211UL;
        foreach (var c in key)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return hash ^ (hash >> 31);
    }

    private sealed record Group(ulong Order, string? Stratum, List<int> Rows);
}
