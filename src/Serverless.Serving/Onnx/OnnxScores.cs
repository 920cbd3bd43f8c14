using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Onnx;

/// <summary>
/// ONNX does not define which output is a score, so this follows the exporters of classifiers: beside an integer label, two
/// probabilities per row, as a tensor or as maps, are those of the classes 0 and 1, and the second is the score. Otherwise, a single
/// output with one floating-point number per row is the predicted number.
/// </summary>
internal static class OnnxScores
{
    private const double Threshold = 0.5;

    public static BinaryClasses? ClassesOf(InferenceSession session)
    {
        var outputs = session.OutputMetadata.Values.ToList();
        var isLabelled = outputs is [{ OnnxValueType: OnnxValueType.ONNX_TYPE_TENSOR, ElementDataType: TensorElementType.Int64 }, _];
        return isLabelled && (outputs[1].OnnxValueType == OnnxValueType.ONNX_TYPE_SEQUENCE || outputs[1].Dimensions is [_, 2])
            ? new BinaryClasses("1", "0", Threshold)
            : null;
    }

    public static double[] Of(IReadOnlyList<ServingColumn> outputs, BinaryClasses? classes, int rows)
    {
        if (classes is not null)
        {
            return outputs is [_, { ItemShape: [2] } pairs] && pairs.Keys is null or ["0", "1"]
                ? [.. Enumerable.Range(0, rows).Select(r => pairs.Values.GetNumber((2 * r) + 1))]
                : [];
        }

        return outputs is [{ Values.Type: ColumnType.Number, ItemLength: 1 } only] ? only.Values.Numbers.ToArray() : [];
    }
}
