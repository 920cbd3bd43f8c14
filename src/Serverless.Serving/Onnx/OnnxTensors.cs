using System.Globalization;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Onnx;

/// <summary>Creates tensors from columns, with the type and rank of a model's input.</summary>
internal static class OnnxTensors
{
    public static OrtValue Make(string name, NodeMetadata wanted, ServingColumn column, int rows)
    {
        if (wanted.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
        {
            throw Unsupported(name, wanted.OnnxValueType.ToString());
        }

        var shape = ShapeOf(name, wanted, column, rows);
        var values = column.Values;
        return wanted.ElementDataType switch
        {
            TensorElementType.Float => Of(Floats(Numbers(name, wanted, values)), shape),
            TensorElementType.Double => Of(Numbers(name, wanted, values).ToArray(), shape),
            TensorElementType.Int64 => Of(Longs(name, wanted, values), shape),
            TensorElementType.Int32 => Of(Whole<int>(name, wanted, values), shape),
            TensorElementType.Int16 => Of(Whole<short>(name, wanted, values), shape),
            TensorElementType.Int8 => Of(Whole<sbyte>(name, wanted, values), shape),
            TensorElementType.UInt8 => Of(Whole<byte>(name, wanted, values), shape),
            TensorElementType.Bool => Of(Truths(name, wanted, values), shape),
            TensorElementType.String => Texts(name, wanted, values, shape),
            var other => throw Unsupported(name, other.ToString()),
        };
    }

    public static string Describe(NodeMetadata wanted) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{wanted.ElementDataType.ToString().ToLowerInvariant()}"
                + $"[{string.Join(", ", wanted.Dimensions.Select(d => d < 0 ? "?" : d.ToString(CultureInfo.InvariantCulture)))}]"
        );

    /// <summary>The number of rows and the shape of a row. For a model that takes a matrix, one value per row is a column.</summary>
    private static long[] ShapeOf(string name, NodeMetadata wanted, ServingColumn column, int rows)
    {
        long[] shape = [rows, .. column.ItemShape];
        var dimensions = wanted.Dimensions;
        if (dimensions.Length == 2 && shape.Length == 1)
        {
            shape = [rows, 1];
        }
        else if (dimensions.Length == 1 && shape is [_, 1])
        {
            shape = [rows];
        }

        return
            dimensions.Length == 0
            || (shape.Length == dimensions.Length && !shape.Where((s, i) => dimensions[i] >= 0 && dimensions[i] != s).Any())
            ? shape
            : throw ServerlessException.Invalid(
                $"The data does not fit the model: input '{name}' must be {Describe(wanted)}, but the data is "
                    + $"[{string.Join(", ", shape)}].",
                "Give an array of that shape."
            );
    }

    private static OrtValue Of<T>(T[] values, long[] shape)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(values, shape);

    private static ReadOnlySpan<double> Numbers(string name, NodeMetadata wanted, Column values) =>
        values.IsNumeric ? values.Numbers : throw Misfit(name, wanted, values);

    private static float[] Floats(ReadOnlySpan<double> numbers)
    {
        var floats = new float[numbers.Length];
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = (float)numbers[i];
        }

        return floats;
    }

    private static long[] Longs(string name, NodeMetadata wanted, Column values)
    {
        if (values.Type != ColumnType.Integer || values.NullCount > 0)
        {
            return Whole<long>(name, wanted, values);
        }

        var longs = new long[values.Length];
        for (var i = 0; i < longs.Length; i++)
        {
            longs[i] = values.GetInteger(i)!.Value;
        }

        return longs;
    }

    private static T[] Whole<T>(string name, NodeMetadata wanted, Column values)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var numbers = Numbers(name, wanted, values);
        var whole = new T[numbers.Length];
        for (var i = 0; i < whole.Length; i++)
        {
            if (
                numbers[i] != Math.Truncate(numbers[i])
                || numbers[i] < double.CreateSaturating(T.MinValue)
                || numbers[i] > double.CreateSaturating(T.MaxValue)
            )
            {
                throw ServerlessException.Invalid(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The data does not fit the model: input '{name}' must be {Describe(wanted)}, but contains "
                            + $"{(double.IsNaN(numbers[i]) ? "null" : FieldOf(numbers[i]))}."
                    ),
                    "Give whole numbers."
                );
            }

            whole[i] = T.CreateSaturating(numbers[i]);
        }

        return whole;
    }

    private static bool[] Truths(string name, NodeMetadata wanted, Column values)
    {
        if (values.Type != ColumnType.Boolean || values.NullCount > 0)
        {
            throw Misfit(name, wanted, values);
        }

        var truths = new bool[values.Length];
        for (var i = 0; i < truths.Length; i++)
        {
            truths[i] = values.GetNumber(i) != 0;
        }

        return truths;
    }

    private static OrtValue Texts(string name, NodeMetadata wanted, Column values, long[] shape)
    {
        if (values.Type != ColumnType.Text || values.NullCount > 0)
        {
            throw Misfit(name, wanted, values);
        }

        return OrtValue.CreateFromStringTensor(new DenseTensor<string>(values.Texts.ToArray()!, Array.ConvertAll(shape, s => (int)s)));
    }

    private static string FieldOf(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static ServerlessException Misfit(string name, NodeMetadata wanted, Column values) =>
        ServerlessException.Invalid(
            $"The data does not fit the model: input '{name}' must be {Describe(wanted)}, but contains "
                + $"{(values.NullCount > 0 && values.Type is ColumnType.Text or ColumnType.Boolean ? "null or " : "")}{values.Type} "
                + $"values.",
            "Give values of that type."
        );

    private static ServerlessException Unsupported(string name, string type) =>
        new(
            ErrorCodes.NotImplemented,
            $"The model's input '{name}' is {type}, which this host does not support.",
            "Score the model in a container job.",
            status: 501
        );
}
