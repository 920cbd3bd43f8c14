using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Models;

namespace Serverless.Training.Learning;

/// <summary>The label column as numbers: 1 and 0 for the two values of a binary label, the value itself for a regression.</summary>
internal sealed record Labels(double[] Values, string? Positive, string? Negative)
{
    private static readonly string[] Yes = ["1", "true", "yes", "y", "positive"];

    /// <summary>Reads the label of training data and determines its two values.</summary>
    public static Labels Learn(ColumnFrame frame, string label, LearningTask task, string? positive)
    {
        var column = Complete(frame, label);
        if (task == LearningTask.Regression)
        {
            return positive is null
                ? new Labels(Numbers(column), null, null)
                : throw ServerlessException.Invalid(
                    "positive_label does not apply to a regression.",
                    "Remove positive_label, or set task to binary."
                );
        }

        var values = Enumerable
            .Range(0, column.Length)
            .Select(i => column.GetText(i)!)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Take(6)
            .ToArray();
        if (values.Length == 1)
        {
            throw ServerlessException.Invalid(
                $"The label '{label}' has only the value '{values[0]}': there are no two classes to distinguish.",
                "Train on data with both classes. A stratified split keeps them in every part."
            );
        }

        if (values.Length > 2)
        {
            throw ServerlessException.Invalid(
                $"The label '{label}' has more than two values ({string.Join(", ", values.Take(5))}{(values.Length > 5 ? ", …" : "")}).",
                column.IsNumeric ? "Set task to regression, or name a label with two values." : "Name a label with two values."
            );
        }

        // `1`, `1.0` and `True` are one value: it is looked up as the column writes it.
        positive = positive is null ? null : ColumnConversion.TextIn(positive, column.Type);
        if (positive is not null && !values.Contains(positive, StringComparer.Ordinal))
        {
            throw ServerlessException.Invalid(
                $"positive_label '{positive}' is not among the values of '{label}': {values[0]}, {values[1]}.",
                "Use one of the two values."
            );
        }

        positive ??=
            values.SingleOrDefault(v => Yes.Contains(v, StringComparer.OrdinalIgnoreCase))
            ?? throw ServerlessException.Invalid(
                $"Which value of '{label}' is the positive one, '{values[0]}' or '{values[1]}'?",
                "Set positive_label."
            );
        var negative = values.Single(v => v != positive);
        return new Labels(Encode(column, positive), positive, negative);
    }

    /// <summary>Reads the label of evaluation data, which must have the model's label values.</summary>
    public static double[] Read(ColumnFrame frame, ModelManifest model)
    {
        var column = Complete(frame, model.Label);
        if (model.Task == LearningTask.Regression)
        {
            return Numbers(column);
        }

        column = ColumnConversion.ToOrSame(column, ColumnConversion.TypeOf([model.NegativeLabel!, model.PositiveLabel!]));
        for (var i = 0; i < column.Length; i++)
        {
            if (column.GetText(i) is { } value && value != model.PositiveLabel && value != model.NegativeLabel)
            {
                throw ServerlessException.Invalid(
                    $"The label '{model.Label}' has the value '{value}' in row {i}, but the model's classes are '{model.NegativeLabel}' "
                        + $"and '{model.PositiveLabel}'."
                );
            }
        }

        return Encode(column, model.PositiveLabel!);
    }

    private static Column Complete(ColumnFrame frame, string label)
    {
        var column = frame[label];
        if (column.Length == 0)
        {
            throw ServerlessException.Invalid("The data has no rows.", "Check the program that wrote the file.");
        }

        return column.NullCount == 0
            ? column
            : throw ServerlessException.Invalid(
                $"The label '{label}' is missing in {column.NullCount} of {column.Length} rows (the first is row "
                    + $"{Enumerable.Range(0, column.Length).First(column.IsNull)}).",
                "Remove the rows without a label."
            );
    }

    private static double[] Numbers(Column column)
    {
        column = ColumnConversion.ToOrSame(column, ColumnType.Number);
        var numbers = column.Numbers.ToArray();
        var bad = Array.FindIndex(numbers, n => Math.Abs(n) > float.MaxValue);
        return bad < 0
            ? numbers
            : throw ServerlessException.Invalid(
                $"The label '{column.Name}' is {numbers[bad].ToString(CultureInfo.InvariantCulture)} in row {bad}, "
                    + "which is too large for training.",
                "Correct or remove the row."
            );
    }

    private static double[] Encode(Column column, string positive)
    {
        var values = new double[column.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = column.GetText(i) == positive ? 1 : 0;
        }

        return values;
    }
}
