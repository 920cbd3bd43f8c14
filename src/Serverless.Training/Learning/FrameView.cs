using Microsoft.ML;
using Serverless.Core.Columns;

namespace Serverless.Training.Learning;

/// <summary>An ML.NET data view of some rows of a frame with their labels, without copying.</summary>
internal sealed class FrameView(FrameSchema schema, Column?[] columns, double[] labels, int[]? rows, int frameRows) : IDataView
{
    // A trainer that shuffles uses its own copy of the features.
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema.Schema;

    public long? GetRowCount() => rows?.Length ?? frameRows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var cursor = new FrameCursor(schema);
        cursor.Bind(columns, labels, rows, frameRows);
        return cursor;
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
