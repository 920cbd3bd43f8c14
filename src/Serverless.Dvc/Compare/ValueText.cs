using System.Globalization;
using Serverless.Data.Values;

namespace Serverless.Dvc.Compare;

/// <summary>Formats values for tables.</summary>
internal static class ValueText
{
    public const string Nothing = "-";

    /// <param name="value">The value.</param>
    /// <param name="precision">The number of decimals for real numbers; null for all.</param>
    public static string Show(DataNode? value, int? precision) =>
        value is null or { IsNull: true } ? Nothing : PythonText.Str(Round(value, precision));

    private static DataNode Round(DataNode value, int? precision) =>
        value switch
        {
            DataScalar { Value: double real } when precision is { } digits && double.IsFinite(real) => DataScalar.Float(
                Rounded(real, digits)
            ),
            DataMap map => new DataMap([.. map.Entries.Select(e => e with { Value = Round(e.Value, precision) })]),
            DataList list => new DataList([.. list.Items.Select(i => Round(i, precision))], list.Line, list.Kind),
            _ => value,
        };

    // The digits of the exact value, as Python rounds. Math.Round multiplies first and can be off by one in the last place.
    private static double Rounded(double value, int digits)
    {
        if (digits < 0)
        {
            var unit = Math.Pow(10, -digits);
            return Math.Round(value / unit, MidpointRounding.ToEven) * unit;
        }

        return double.Parse(
            value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture
        );
    }
}
