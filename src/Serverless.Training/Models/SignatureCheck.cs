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
            else if (ColumnConversion.To(bound[i]!, TypeOf(inputs[i].Type)) is { } column)
            {
                bound[i] = column;
            }
            else
            {
                (findings ??= []).Add(Misfit(inputs[i], bound[i]!));
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

    private static Diagnostic Misfit(SignatureColumn input, Column column) =>
        new(
            "data",
            0,
            $"column '{input.Name}' must be {Name(input.Type)}, but holds {Name(column, TypeOf(input.Type))}",
            $"Give {Name(input.Type)} values."
        );

    private static ColumnType TypeOf(SignatureType type) =>
        type switch
        {
            SignatureType.Long => ColumnType.Integer,
            SignatureType.Double => ColumnType.Number,
            SignatureType.Boolean => ColumnType.Boolean,
            _ => ColumnType.Text,
        };

    private static string Name(SignatureType type) => type.ToString().ToLowerInvariant();

    private static string Name(Column column, ColumnType wanted)
    {
        // With a value that does not fit: 2.0 and 1 of a column fit more types than its first value would say.
        var text = column.GetText(ColumnConversion.FirstMisfit(column, wanted))!;
        var shown = text.Length > 40 ? text[..40] + "…" : text;
        return column.Type switch
        {
            ColumnType.Text => $"text (as '{shown}')",
            ColumnType.Boolean => "truth values",
            ColumnType.Integer => $"whole numbers (as {shown})",
            _ => $"numbers (as {shown})",
        };
    }
}
