namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// A profile's data of a categorical column: the counts, and if not all are kept, the number of other categories and of their values.
/// </summary>
internal sealed record CategoryReference(IReadOnlyDictionary<string, long> Counts, long OtherCategories, long OtherValues)
{
    public long Distinct => Counts.Count + OtherCategories;

    public static CategoryReference Of(Dictionary<string, long> counts, int most)
    {
        if (counts.Count <= most)
        {
            return new CategoryReference(counts, 0, 0);
        }

        var kept = counts
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(most)
            .ToDictionary(StringComparer.Ordinal);
        return new CategoryReference(kept, counts.Count - most, counts.Values.Sum() - kept.Values.Sum());
    }
}
