using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>A profile's data of one column.</summary>
internal sealed record ReferenceColumn(
    string Name,
    ColumnType Type,
    long Rows,
    long Nulls,
    long Infinities,
    NumericReference? Numeric,
    CategoryReference? Categories
)
{
    public bool IsNumeric => Numeric is not null;

    public long Values => Rows - Nulls - Infinities;

    public static ReferenceColumn Of(Column column, ReferenceProfileOptions options)
    {
        var infinities = column.IsNumeric ? FiniteValues.Count(column.Numbers).Infinite : 0;
        var isNumeric = column.Type is ColumnType.Number or ColumnType.Integer && !options.Categorical.Contains(column.Name);
        var counter = new CategoryCounter();
        if (!isNumeric)
        {
            counter.Add(column);
        }

        return new ReferenceColumn(
            column.Name,
            column.Type,
            column.Length,
            column.NullCount,
            infinities,
            isNumeric ? NumericReference.OfSorted(FiniteValues.Sorted(column.Numbers), options) : null,
            isNumeric ? null : CategoryReference.Of(counter.Take(), options.Categories)
        );
    }

    /// <summary>Returns the column with its numbers as categories.</summary>
    public ReferenceColumn AsCategories()
    {
        if (Numeric is null)
        {
            return this;
        }

        if (!Numeric.Counts.IsExact)
        {
            throw ServerlessException.Invalid(
                $"Column '{Name}' has {Numeric.Distinct} different numbers, but the profile of the reference keeps only their quantiles.",
                $"Profile the reference again with '{Name}' as categorical, or treat the column as numeric."
            );
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var k = 0; k < Numeric.Counts.Knots.Length; k++)
        {
            counts[CategoryCounter.Format(Numeric.Counts.Knots[k])] = Numeric.Counts.At[k];
        }

        return this with
        {
            Numeric = null,
            Categories = new CategoryReference(counts, 0, 0),
        };
    }
}
