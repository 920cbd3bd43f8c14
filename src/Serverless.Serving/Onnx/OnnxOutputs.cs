using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Onnx;

/// <summary>
/// Converts the outputs of an ONNX model to columns: tensors, and scikit-learn's list of maps from class to probability.
/// </summary>
internal static class OnnxOutputs
{
    public static ServingColumn Read(string name, OrtValue value, int rows) =>
        value.OnnxType switch
        {
            OnnxValueType.ONNX_TYPE_TENSOR => ReadTensor(name, value, rows),
            OnnxValueType.ONNX_TYPE_SEQUENCE => ReadMaps(name, value, rows),
            var other => throw Unreadable(name, other.ToString()),
        };

    private static ServingColumn ReadTensor(string name, OrtValue value, int rows)
    {
        var info = value.GetTensorTypeAndShape();
        if (info.Shape.Length == 0 || info.Shape[0] != rows)
        {
            throw Unreadable(
                name,
                string.Create(CultureInfo.InvariantCulture, $"a tensor [{string.Join(", ", info.Shape)}] for {rows} rows")
            );
        }

        var column = info.ElementDataType switch
        {
            TensorElementType.Float => Numbers<float>(name, value),
            TensorElementType.Double => Numbers<double>(name, value),
            TensorElementType.Int64 => Column.FromIntegers(name, value.GetTensorDataAsSpan<long>().ToArray()),
            TensorElementType.Int32 => Integers<int>(name, value),
            TensorElementType.Int16 => Integers<short>(name, value),
            TensorElementType.Int8 => Integers<sbyte>(name, value),
            TensorElementType.UInt8 => Integers<byte>(name, value),
            TensorElementType.Bool => Column.FromBooleans(name, value.GetTensorDataAsSpan<bool>().ToArray()),
            TensorElementType.String => Column.FromTexts(name, value.GetStringTensorAsArray()),
            var other => throw Unreadable(name, $"of {other}"),
        };
        return new ServingColumn(column, [.. info.Shape.Skip(1).Select(d => (int)d)]);
    }

    private static Column Numbers<T>(string name, OrtValue value)
        where T : unmanaged, System.Numerics.INumber<T> => Column.FromNumbers(name, Convert<T, double>(value));

    private static Column Integers<T>(string name, OrtValue value)
        where T : unmanaged, System.Numerics.INumber<T> => Column.FromIntegers(name, Convert<T, long>(value));

    private static TTo[] Convert<TFrom, TTo>(OrtValue value)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom>
        where TTo : System.Numerics.INumber<TTo>
    {
        var from = value.GetTensorDataAsSpan<TFrom>();
        var to = new TTo[from.Length];
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = TTo.CreateTruncating(from[i]);
        }

        return to;
    }

    /// <summary>Converts one map per row. All rows must have the same keys.</summary>
    private static ServingColumn ReadMaps(string name, OrtValue value, int rows)
    {
        if (value.GetValueCount() != rows)
        {
            throw Unreadable(name, string.Create(CultureInfo.InvariantCulture, $"a list of {value.GetValueCount()} for {rows} rows"));
        }

        string[]? keys = null;
        var numbers = new List<double>();
        value.ProcessSequence(
            (item, _) =>
            {
                if (item.OnnxType != OnnxValueType.ONNX_TYPE_MAP)
                {
                    throw Unreadable(name, $"a list of {item.OnnxType}");
                }

                item.ProcessMap(
                    (names, values) =>
                    {
                        keys ??= KeysOf(names);
                        foreach (var number in values.GetTensorDataAsSpan<float>())
                        {
                            numbers.Add(number);
                        }
                    },
                    OrtAllocator.DefaultInstance
                );
            },
            OrtAllocator.DefaultInstance
        );
        return new ServingColumn(Column.FromNumbers(name, [.. numbers]), [keys?.Length ?? 0], keys);
    }

    private static string[] KeysOf(OrtValue names) =>
        names.GetTensorTypeAndShape().ElementDataType == TensorElementType.String
            ? names.GetStringTensorAsArray()
            : [.. names.GetTensorDataAsSpan<long>().ToArray().Select(k => k.ToString(CultureInfo.InvariantCulture))];

    private static ServerlessException Unreadable(string name, string what) =>
        new(
            ErrorCodes.NotImplemented,
            $"The model's output '{name}' is {what}, which this host does not support.",
            "Score the model in a container job.",
            status: 501
        );
}
