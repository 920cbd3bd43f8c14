using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Serving.Invocations;

/// <summary>An input column: one value per row or, with an item shape, one array of that shape per row.</summary>
/// <param name="Values">The values of all rows, row by row.</param>
/// <param name="ItemShape">The shape of one row's value. Empty for a single value.</param>
/// <param name="Keys">Names of a row's values, such as the classes of probabilities. Null if they have no names.</param>
public sealed record ServingColumn(Column Values, IReadOnlyList<int> ItemShape, IReadOnlyList<string>? Keys = null)
{
    /// <summary>The number of values per row.</summary>
    public int ItemLength => ItemShape.Aggregate(1, (product, next) => product * next);
}

/// <summary>The rows to predict.</summary>
public sealed class ServingInput
{
    private ServingInput(int rows, IReadOnlyList<ServingColumn> columns, bool isNamed, bool isFrame)
    {
        Rows = rows;
        Columns = columns;
        IsNamed = isNamed;
        IsFrame = isFrame;
    }

    public int Rows { get; }

    public IReadOnlyList<ServingColumn> Columns { get; }

    /// <summary>False if the columns have no names, only positions.</summary>
    public bool IsNamed { get; }

    /// <summary>
    /// True for a table, whose response has one record per row. False for arrays, whose response has one array per output.
    /// </summary>
    public bool IsFrame { get; }

    public static ServingInput Of(ColumnFrame frame) =>
        new(frame.RowCount, [.. frame.Columns.Select(c => new ServingColumn(c, []))], true, true);

    public static ServingInput Table(int rows, IReadOnlyList<ServingColumn> columns, bool isNamed) => new(rows, columns, isNamed, true);

    public static ServingInput Arrays(int rows, IReadOnlyList<ServingColumn> columns, bool isNamed) => new(rows, columns, isNamed, false);

    /// <summary>The rows as a plain table, the only input for a model with named columns.</summary>
    public ColumnFrame ToFrame()
    {
        if (Columns.FirstOrDefault(c => c.ItemShape.Count > 0) is { } nested && IsNamed)
        {
            throw ServerlessException.Invalid(
                $"Column '{nested.Values.Name}' contains arrays, but the model takes one value per row.",
                "Give one value per row."
            );
        }

        return IsNamed || Columns.Count == 0
            ? new ColumnFrame(Columns.Select(c => c.Values))
            : throw ServerlessException.Invalid(
                "The data has no column names, and the model takes its columns by name.",
                "Send `dataframe_split` with `columns`, or `dataframe_records`."
            );
    }
}
