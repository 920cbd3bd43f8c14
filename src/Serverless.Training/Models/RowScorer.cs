using Microsoft.ML;
using Serverless.Core.Columns;
using Serverless.Training.Learning;

namespace Serverless.Training.Models;

/// <summary>
/// One thread's scorer of a loaded model: a seekable row and the getter of its score, built once. What makes a single prediction slow in
/// ML.NET is not the model but building the cursor around it.
/// </summary>
internal sealed class RowScorer : IDisposable
{
    private readonly FrameCursor cursor;
    private readonly DataViewRow output;
    private readonly ValueGetter<float> score;

    public RowScorer(ITransformer model, FrameSchema schema, string scoreColumn)
    {
        cursor = new FrameCursor(schema);
        var mapper = model.GetRowToRowMapper(schema.Schema);
        var column = mapper.OutputSchema[scoreColumn];
        output = mapper.GetRow(cursor, [column]);
        score = output.GetGetter<float>(column);
    }

    public void Score(Column?[] columns, int from, int to, Span<double> scores)
    {
        cursor.Bind(columns, [], null, to);
        try
        {
            for (var row = from; row < to; row++)
            {
                cursor.Seek(row);
                var value = 0f;
                score(ref value);
                scores[row - from] = value;
            }
        }
        finally
        {
            cursor.Unbind();
        }
    }

    public void Dispose() => output.Dispose();
}
