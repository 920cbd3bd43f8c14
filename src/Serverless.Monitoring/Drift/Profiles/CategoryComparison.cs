using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// Category counts of a column in the reference and in the current data, most frequent in the reference first. If the profile dropped rare
/// categories, they count as one, which also takes any unknown category of the current data: none counts as new then.
/// </summary>
internal sealed class CategoryComparison
{
    public CategoryComparison(CategoryReference reference, IReadOnlyDictionary<string, long> current)
    {
        var names = reference
            .Counts.Keys.Concat(current.Keys.Where(name => !reference.Counts.ContainsKey(name) && reference.OtherCategories == 0))
            .Select(name => (Name: name, Reference: reference.Counts.GetValueOrDefault(name), Current: current.GetValueOrDefault(name)))
            .OrderByDescending(category => category.Reference)
            .ThenByDescending(category => category.Current)
            .ThenBy(category => category.Name, StringComparer.Ordinal)
            .ToList();
        if (reference.OtherCategories > 0)
        {
            names.Add(("(others)", reference.OtherValues, current.Sum(pair => pair.Value) - names.Sum(category => category.Current)));
        }

        Names = [.. names.Select(category => category.Name)];
        Reference = [.. names.Select(category => category.Reference)];
        Current = [.. names.Select(category => category.Current)];
        ReferenceCount = Reference.Sum();
        CurrentCount = Current.Sum();
        ReferenceDistinct = reference.Distinct;
        CurrentDistinct = current.Count;
        IsExact = reference.OtherCategories == 0;
    }

    public string[] Names { get; }

    public long[] Reference { get; }

    public long[] Current { get; }

    public long ReferenceCount { get; }

    public long CurrentCount { get; }

    public long ReferenceDistinct { get; }

    public long CurrentDistinct { get; }

    public bool IsExact { get; }

    public (double[] Reference, double[] Current) Shares() => (Divergence.Shares(Reference), Divergence.Shares(Current));
}
