using Microsoft.ML;
using Microsoft.ML.Data;
using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Training.Learning;

/// <summary>
/// A row of a <see cref="ColumnFrame"/> for ML.NET that can be moved to any row of any frame with the same columns. Training iterates over
/// a view. Scoring seeks, so that the getters of a loaded model are built once instead of once per call.
/// </summary>
internal sealed class FrameCursor(FrameSchema schema) : DataViewRowCursor
{
    private Column?[] columns = [];
    private double[] labels = [];
    private int[]? rows;
    private int count;
    private int row = -1;
    private long position = -1;

    public override DataViewSchema Schema => schema.Schema;

    public override long Position => position;

    public override long Batch => 0;

    /// <param name="source">One column per input. Null if the frame does not have it, so that all its values are missing.</param>
    /// <param name="labels">The label of each row, or empty.</param>
    /// <param name="rows">The rows to iterate over, in order. Null for all.</param>
    /// <param name="count">The number of rows of the frame.</param>
    public void Bind(Column?[] source, double[] labels, int[]? rows, int count)
    {
        columns = source;
        this.labels = labels;
        this.rows = rows;
        this.count = rows?.Length ?? count;
        row = -1;
    }

    /// <summary>Releases the frame, so that an idle cursor keeps no data in memory.</summary>
    public void Unbind() => Bind([], [], null, 0);

    /// <summary>
    /// Moves to a row. The position only increases, because ML.NET's getters cache their result for a position: row 0 of this frame must
    /// not be confused with row 0 of the previous one.
    /// </summary>
    public void Seek(int target)
    {
        row = target;
        position++;
    }

    public override bool MoveNext()
    {
        if (position + 1 >= count)
        {
            row = -1;
            position = -1;
            count = 0;
            return false;
        }

        position++;
        row = rows is null ? (int)position : rows[(int)position];
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var index = column.Index;
        Delegate getter =
            index == schema.Inputs.Count
                ? schema.LabelTask == LearningTask.Binary
                    ? (ValueGetter<bool>)((ref bool value) => value = labels[row] != 0)
                    : (ValueGetter<float>)((ref float value) => value = (float)labels[row])
                : schema.Inputs[index].Type == SignatureType.String
                    ? (ValueGetter<ReadOnlyMemory<char>>)(
                        (ref ReadOnlyMemory<char> value) => value = columns[index]?.GetText(row).AsMemory() ?? default
                    )
                    : (ValueGetter<float>)((ref float value) => value = columns[index] is { } c ? (float)c.GetNumber(row) : float.NaN);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' gives {column.Type}, not {typeof(TValue)}.");
    }
}
