using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Serving.Invocations;

/// <summary>A column of what a model is asked: a value a row, or, with an item shape, an array of that shape a row.</summary>
/// <param name="Values">The values of all rows, one row's after the other's.</param>
/// <param name="ItemShape">The shape of one row's value; empty for a single one.</param>
/// <param name="Keys">Names of a row's values, such as the classes of probabilities; null if they have none.</param>
public sealed record ServingColumn(Column Values, IReadOnlyList<int> ItemShape, IReadOnlyList<string>? Keys = null)
{
    /// <summary>How many values a row has.</summary>
    public int ItemLength => ItemShape.Aggregate(1, (product, next) => product * next);
}

/// <summary>Rows that a model is asked to predict.</summary>
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

    /// <summary>False if the columns came without names, by their position alone.</summary>
    public bool IsNamed { get; }

    /// <summary>True for a table, which is answered with a record a row; false for arrays, answered with an array an output.</summary>
    public bool IsFrame { get; }

    public static ServingInput Of(ColumnFrame frame) =>
        new(frame.RowCount, [.. frame.Columns.Select(c => new ServingColumn(c, []))], true, true);

    public static ServingInput Table(int rows, IReadOnlyList<ServingColumn> columns, bool isNamed) => new(rows, columns, isNamed, true);

    public static ServingInput Arrays(int rows, IReadOnlyList<ServingColumn> columns, bool isNamed) => new(rows, columns, isNamed, false);

    /// <summary>The rows as a plain table; a model of named columns takes nothing else.</summary>
    public ColumnFrame ToFrame()
    {
        if (Columns.FirstOrDefault(c => c.ItemShape.Count > 0) is { } nested && IsNamed)
        {
            throw ServerlessException.Invalid(
                $"Column '{nested.Values.Name}' holds arrays; the model takes one value a row.",
                "Give one value a row."
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
