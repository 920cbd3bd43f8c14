using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;
using Serverless.Training.Models;

namespace Serverless.Serving.Onnx;

/// <summary>Creates the input tensors of an ONNX model. Data that does not match is rejected before the model runs.</summary>
internal static class OnnxFeeds
{
    public static Dictionary<string, OrtValue> Of(
        ServingInput input,
        IReadOnlyList<SignatureColumn> signature,
        IReadOnlyDictionary<string, NodeMetadata> wanted
    )
    {
        var feeds = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            if (wanted.Count == 1 && !(input.IsNamed && input.Columns.Any(c => c.Values.Name == wanted.Keys.Single())))
            {
                var (name, tensor) = (wanted.Keys.Single(), wanted.Values.Single());
                feeds[name] = OnnxTensors.Make(name, tensor, Matrix(name, input, signature), input.Rows);
                return feeds;
            }

            if (!input.IsNamed)
            {
                throw ServerlessException.Invalid(
                    $"The model takes {wanted.Count} inputs by name: {Describe(wanted)}.",
                    "Send them by name: as `inputs` with one array each, or as a table with one column each."
                );
            }

            foreach (var (name, tensor) in wanted)
            {
                var column =
                    input.Columns.FirstOrDefault(c => c.Values.Name == name)
                    ?? throw ServerlessException.Invalid(
                        $"The data does not fit the model: input '{name}' ({OnnxTensors.Describe(tensor)}) is missing"
                            + (
                                NearestName.Find(name, input.Columns.Select(c => c.Values.Name)) is { } near
                                    ? $", but there is a '{near}'."
                                    : "."
                            ),
                        $"Give {Describe(wanted)}."
                    );
                feeds[name] = OnnxTensors.Make(name, tensor, column, input.Rows);
            }

            return feeds;
        }
        catch
        {
            foreach (var feed in feeds.Values)
            {
                feed.Dispose();
            }

            throw;
        }
    }

    private static string Describe(IReadOnlyDictionary<string, NodeMetadata> wanted) =>
        string.Join(", ", wanted.Select(w => $"'{w.Key}' ({OnnxTensors.Describe(w.Value)})"));

    /// <summary>
    /// The input of a model with a single input: an array as is, or the columns of a table side by side, in the signature's order.
    /// </summary>
    private static ServingColumn Matrix(string name, ServingInput input, IReadOnlyList<SignatureColumn> signature)
    {
        IReadOnlyList<Column> columns;
        if (signature.Count > 0)
        {
            var bound = SignatureCheck.Bind(signature, input.ToFrame());
            columns = [.. bound.Select((c, i) => c ?? Column.FromNumbers(signature[i].Name, Missing(input.Rows)))];
        }
        else if (input is { IsFrame: false, Columns.Count: 1 } || input.Columns.Any(c => c.ItemShape.Count > 0))
        {
            return input.Columns is [var only]
                ? only
                : throw ServerlessException.Invalid(
                    $"The model takes one input, '{name}', but the data has {input.Columns.Count} arrays: "
                        + $"{string.Join(", ", input.Columns.Select(c => c.Values.Name))}.",
                    $"Send {{\"inputs\": {{\"{name}\": …}}}}."
                );
        }
        else
        {
            columns = [.. input.Columns.Select(c => c.Values)];
        }

        return new ServingColumn(Interleave(name, columns, input.Rows), [columns.Count]);
    }

    /// <summary>Columns to rows.</summary>
    private static Column Interleave(string name, IReadOnlyList<Column> columns, int rows)
    {
        if (columns.All(c => c.Type == ColumnType.Text))
        {
            var texts = new string?[rows * columns.Count];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = columns[i % columns.Count].GetText(i / columns.Count);
            }

            return Column.FromTexts(name, texts);
        }

        if (columns.FirstOrDefault(c => !c.IsNumeric) is { } text)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The data does not fit the model: column '{text.Name}' must be a number, but contains text."
                ),
                "Give numbers."
            );
        }

        var numbers = new double[rows * columns.Count];
        for (var i = 0; i < columns.Count; i++)
        {
            var values = columns[i].Numbers;
            for (var row = 0; row < rows; row++)
            {
                numbers[(row * columns.Count) + i] = values[row];
            }
        }

        return Column.FromNumbers(name, numbers);
    }

    private static double[] Missing(int rows)
    {
        var numbers = new double[rows];
        Array.Fill(numbers, double.NaN);
        return numbers;
    }
}
