using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Drift;

/// <summary>Compares data with its reference, column by column.</summary>
public static class DriftDetector
{
    /// <summary>
    /// Compares data with a saved profile of the reference. For data that arrives in pieces, see <see cref="DriftWindow"/>.
    /// </summary>
    public static DriftReport Compare(ReferenceProfile reference, ColumnFrame current, DriftOptions? options = null)
    {
        var window = new DriftWindow(reference, options);
        window.Add(current);
        return window.ToReport();
    }

    /// <summary>Compares two frames. All results are exact, regardless of size.</summary>
    public static DriftReport Compare(ColumnFrame reference, ColumnFrame current, DriftOptions? options = null)
    {
        options ??= new DriftOptions();
        var profile = ReferenceProfile.Of(
            reference,
            new ReferenceProfileOptions
            {
                ExactValues = int.MaxValue,
                Categories = int.MaxValue,
                Segments = int.MaxValue,
                By = options.By,
                Categorical = options.Categorical.Where(name => reference.Contains(name)).ToList(),
            }
        );
        return Compare(profile, current, options with { BufferedValues = int.MaxValue });
    }
}
