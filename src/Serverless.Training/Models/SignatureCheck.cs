using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Training.Models;

/// <summary>Matches a frame with a model's signature: the column of each input, or all mismatches.</summary>
public static class SignatureCheck
{
    /// <summary>One column per input. Null for an optional input that is missing.</summary>
    public static Column?[] Bind(IReadOnlyList<SignatureColumn> inputs, ColumnFrame frame)
    {
        var bound = new Column?[inputs.Count];
        List<Diagnostic>? findings = null;
        for (var i = 0; i < inputs.Count; i++)
        {
            if (!frame.TryGet(inputs[i].Name, out bound[i]))
            {
                if (inputs[i].Required)
                {
                    (findings ??= []).Add(Missing(inputs[i], frame));
                }
            }
            else if (Misfit(inputs[i], bound[i]!) is { } misfit)
            {
                (findings ??= []).Add(misfit);
            }
        }

        return findings is null
            ? bound
            : throw ServerlessException.Invalid(
                "The data does not fit the model's signature: " + string.Join("; ", findings.Select(f => f.Message)) + ".",
                findings
            );
    }

    /// <summary>The column types for reading a file, where its values alone would suggest other types than the model's.</summary>
    public static IReadOnlyDictionary<string, ColumnType> TypesFor(IReadOnlyList<SignatureColumn> inputs, ColumnFrame frame) =>
        inputs
            .Where(i => i.Type == SignatureType.String && frame.TryGet(i.Name, out var c) && c.Type != ColumnType.Text)
            .ToDictionary(i => i.Name, _ => ColumnType.Text, StringComparer.Ordinal);

    private static Diagnostic Missing(SignatureColumn input, ColumnFrame frame)
    {
        var near = NearestName.Find(input.Name, frame.Columns.Select(c => c.Name));
        return new Diagnostic(
            "data",
            0,
            $"column '{input.Name}' ({Name(input.Type)}) is missing" + (near is null ? "" : $", there is a '{near}'"),
            $"Give a column '{input.Name}'."
        );
    }

    private static Diagnostic? Misfit(SignatureColumn input, Column column)
    {
        // A column without values has no type.
        if (column.NullCount == column.Length)
        {
            return null;
        }

        var fits = input.Type switch
        {
            SignatureType.String => column.Type == ColumnType.Text,
            SignatureType.Boolean => column.Type == ColumnType.Boolean,
            SignatureType.Double => column.Type is ColumnType.Integer or ColumnType.Number,
            _ => column.Type == ColumnType.Integer || (column.Type == ColumnType.Number && AllWhole(column)),
        };
        return fits
            ? null
            : new Diagnostic(
                "data",
                0,
                $"column '{input.Name}' must be {Name(input.Type)}, but holds {Name(column)}",
                $"Give {Name(input.Type)} values."
            );
    }

    /// <summary>JSON and data frames with gaps contain whole numbers as doubles.</summary>
    private static bool AllWhole(Column column)
    {
        foreach (var number in column.Numbers)
        {
            if (!double.IsNaN(number) && number != Math.Truncate(number))
            {
                return false;
            }
        }

        return true;
    }

    private static string Name(SignatureType type) => type.ToString().ToLowerInvariant();

    private static string Name(Column column)
    {
        var first = Enumerable.Range(0, column.Length).First(i => !column.IsNull(i));
        var text = column.GetText(first)!;
        var shown = text.Length > 40 ? text[..40] + "…" : text;
        return column.Type switch
        {
            ColumnType.Text => $"text (as '{shown}')",
            ColumnType.Boolean => "truth values",
            ColumnType.Integer => $"whole numbers (as {shown})",
            _ => $"numbers (as {column.GetText(Enumerable.Range(0, column.Length).FirstOrDefault(IsFraction, first))})",
        };

        bool IsFraction(int row) => column.GetNumber(row) != Math.Truncate(column.GetNumber(row)) && !column.IsNull(row);
    }
}
