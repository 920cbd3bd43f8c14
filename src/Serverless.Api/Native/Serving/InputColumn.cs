using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;
using Serverless.Training.Models;

namespace Serverless.Api.Native.Serving;

/// <summary>A column read from JSON row by row: single values, or arrays of the same shape.</summary>
/// <param name="name">The column name.</param>
/// <param name="input">The model's definition of the column. Null if there is none.</param>
/// <param name="isIgnored">True if the model declares its columns and this is not one of them, so that its content does not matter.</param>
internal sealed class InputColumn(string name, SignatureColumn? input, bool isIgnored = false)
{
    private const int MostDepth = 16;
    private readonly ValueColumnBuilder values = new();
    private int[]? shape;

    public string Name => name;

    public int Rows { get; private set; }

    /// <summary>True if the values are arrays.</summary>
    public bool IsNested => shape is { Length: > 0 };

    /// <summary>Reads a row's value at the reader's position, and leaves the reader on its last token.</summary>
    public void Append(ref Utf8JsonReader json)
    {
        if (isIgnored)
        {
            json.Skip();
        }
        else if (json.TokenType == JsonTokenType.StartArray)
        {
            Span<int> found = stackalloc int[MostDepth];
            found.Fill(-1);
            AppendArray(ref json, found, 0);
            var depth = found.IndexOf(-1) is var end and >= 0 ? end : MostDepth;
            CheckShape(found[..depth]);
        }
        else
        {
            CheckShape([]);
            AppendValue(ref json);
        }

        Rows++;
    }

    /// <summary>Adds nulls for the rows without the column.</summary>
    public void FillTo(int rows)
    {
        while (Rows < rows)
        {
            if (!isIgnored)
            {
                CheckShape([]);
                values.AppendNull();
            }

            Rows++;
        }
    }

    /// <summary>The column. For an ignored column only the name, which an error about a missing column may need.</summary>
    public ServingColumn Build() =>
        isIgnored ? new ServingColumn(Column.FromNumbers(name, Nothing(Rows)), [])
        : values.Misfit is not { } misfit ? new ServingColumn(values.Build(name), shape ?? [])
        : throw ServerlessException.Invalid(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The data does not fit the model's signature: column '{name}' must be "
                    + $"{(input is null ? "of one type" : input.Type.ToString().ToLowerInvariant())}, but holds "
                    + $"{Word(values.Kind!.Value)} and, in row {misfit.Row}, {Word(misfit.Kind)} ('{misfit.Text}')."
            ),
            "Give values of one type."
        );

    private static double[] Nothing(int rows)
    {
        var numbers = new double[rows];
        Array.Fill(numbers, double.NaN);
        return numbers;
    }

    private static string Word(ValueKind kind) =>
        kind switch
        {
            ValueKind.Text => "text",
            ValueKind.Boolean => "truth values",
            _ => "numbers",
        };

    private void AppendArray(ref Utf8JsonReader json, scoped Span<int> found, int depth)
    {
        if (depth == MostDepth)
        {
            throw InvocationErrors.Input($"'{name}' contains arrays with more than {MostDepth} dimensions.");
        }

        var (count, scalars) = (0, 0);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartArray)
            {
                AppendArray(ref json, found, depth + 1);
            }
            else
            {
                AppendValue(ref json);
                scalars++;
            }

            count++;
        }

        var isMixed = scalars > 0 && (scalars < count || (depth + 1 < MostDepth && found[depth + 1] >= 0));
        if (isMixed || (found[depth] >= 0 && found[depth] != count))
        {
            throw Ragged();
        }

        found[depth] = count;
    }

    private void AppendValue(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Number when json.TryGetInt64(out var whole):
                values.Append(whole);
                break;
            case JsonTokenType.Number:
                values.Append(json.GetDouble());
                break;
            case JsonTokenType.String:
                AppendText(ref json);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                values.Append(json.GetBoolean());
                break;
            case JsonTokenType.Null:
                values.AppendNull();
                break;
            default:
                throw InvocationErrors.Input(
                    $"'{name}' is an object in row {Rows.ToString(CultureInfo.InvariantCulture)}, but a value is expected."
                );
        }
    }

    private void AppendText(ref Utf8JsonReader json)
    {
        const int Short = 256;
        if (json.ValueSpan.Length <= Short)
        {
            Span<char> text = stackalloc char[Short];
            values.Append(text[..json.CopyString(text)]);
            return;
        }

        var rented = ArrayPool<char>.Shared.Rent(json.ValueSpan.Length);
        values.Append(rented.AsSpan(0, json.CopyString(rented)));
        ArrayPool<char>.Shared.Return(rented);
    }

    private void CheckShape(ReadOnlySpan<int> found)
    {
        if (shape is null)
        {
            shape = found.ToArray();
        }
        else if (!found.SequenceEqual(shape))
        {
            throw Ragged();
        }
    }

    private ServerlessException Ragged() =>
        InvocationErrors.Input(
            name.Length == 0 ? "The rows do not all have the same shape." : $"The values of '{name}' do not all have the same shape."
        );
}
