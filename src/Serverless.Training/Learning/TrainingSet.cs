using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Components.Train;
using Serverless.Training.Models;

namespace Serverless.Training.Learning;

/// <summary>Data for a trainer: the feature columns with their types, and the label as numbers.</summary>
internal sealed class TrainingSet
{
    private readonly Column?[] columns;

    private TrainingSet(IReadOnlyList<SignatureColumn> inputs, Column?[] columns, Labels labels, int rows, LearningTask task)
    {
        Inputs = inputs;
        this.columns = columns;
        Labels = labels;
        RowCount = rows;
        Task = task;
        Schema = FrameSchema.Create(inputs, task);
    }

    public LearningTask Task { get; }

    public IReadOnlyList<SignatureColumn> Inputs { get; }

    public Labels Labels { get; }

    public int RowCount { get; }

    public FrameSchema Schema { get; }

    public static TrainingSet Create(ColumnFrame frame, TrainParameters p, TextWriter log)
    {
        foreach (var name in p.Exclude)
        {
            if (!frame.Contains(name) || name == p.Label)
            {
                throw ServerlessException.Invalid(
                    name == p.Label ? $"The label '{name}' is among the columns to exclude." : $"There is no column '{name}' to exclude.",
                    NearestName.Find(name, frame.Columns.Select(c => c.Name)) is { } near && near != name ? $"Did you mean '{near}'?" : null
                );
            }
        }

        var unknown = p.Categories.FirstOrDefault(name => !frame.Contains(name));
        if (unknown is not null)
        {
            throw ServerlessException.Invalid(
                $"There is no column '{unknown}' to take as categories.",
                NearestName.Find(unknown, frame.Columns.Select(c => c.Name)) is { } nearest ? $"Did you mean '{nearest}'?" : null
            );
        }

        var labels = Labels.Learn(frame, p.Label, p.Task, p.PositiveLabel);
        var excluded = p.Exclude.Append(p.Label).ToHashSet(StringComparer.Ordinal);
        var features = new List<Column>();
        foreach (var column in frame.Columns.Where(c => !excluded.Contains(c.Name)))
        {
            if (column.NullCount == column.Length)
            {
                log.WriteLine($"Column '{column.Name}' has no values and is ignored.");
                continue;
            }

            features.Add(column);
        }

        CheckLooks(features, p.Categories);
        foreach (var column in features)
        {
            Check(column, p.MaximumCategoryCount);
        }

        if (features.Count == 0)
        {
            throw ServerlessException.Invalid("There are no feature columns.", "Exclude fewer columns.");
        }

        return new TrainingSet(
            [.. features.Select(c => new SignatureColumn(c.Name, TypeOf(c), Required: c.NullCount == 0))],
            [.. features],
            labels,
            frame.RowCount,
            p.Task
        );
    }

    /// <summary>All rows, or some of them.</summary>
    public FrameView View(int[]? rows = null) => new(Schema, columns, Labels.Values, rows, RowCount);

    /// <summary>The first rows as an input example, preferring a row with a value in every column.</summary>
    public ColumnFrame Example()
    {
        var complete = Enumerable.Range(0, RowCount).Where(r => columns.All(c => !c!.IsNull(r))).Take(1).ToArray();
        return new ColumnFrame(columns.Select(c => c!)).Take(complete.Length > 0 ? complete : [0]);
    }

    /// <summary>
    /// Numbers and dates that are read as text would each be a category of its own: a model learns, and what it learns is worth little.
    /// </summary>
    private static void CheckLooks(IReadOnlyList<Column> features, IReadOnlyList<string> categories)
    {
        var findings = features
            .Where(c => !categories.Contains(c.Name, StringComparer.Ordinal))
            .Select(c => (c.Name, Look: TextLook.Of(c)))
            .Where(f => f.Look is not null)
            .Select(f => new Diagnostic("data", 0, $"column '{f.Name}' is text that looks like {f.Look!.What}", f.Look.Fix))
            .ToList();
        if (findings.Count > 0)
        {
            throw ServerlessException.Invalid(
                $"The data is not ready to learn from: {string.Join("; ", findings.Select(f => f.Message))}. "
                    + $"{string.Join(' ', findings.Select(f => f.Fix).Distinct())} To learn from the texts as they are, list the "
                    + $"columns in "
                    + "`categories`.",
                findings
            );
        }
    }

    private static void Check(Column column, int maximumCategoryCount)
    {
        if (column.Type == ColumnType.Text)
        {
            var values = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < column.Length; i++)
            {
                if (column.GetText(i) is { } text && values.Add(text) && values.Count > maximumCategoryCount)
                {
                    throw ServerlessException.Invalid(
                        $"Column '{column.Name}' has more than {maximumCategoryCount} distinct values: it is an identifier or free "
                            + $"text, not a category.",
                        $"Add '{column.Name}' to `exclude`, or raise maximum_category_count."
                    );
                }
            }

            return;
        }

        for (var i = 0; i < column.Length; i++)
        {
            // The features are floats. NaN is allowed as a missing value.
            if (Math.Abs(column.GetNumber(i)) > float.MaxValue)
            {
                throw ServerlessException.Invalid(
                    $"Column '{column.Name}' is {column.GetText(i)} in row {i}, which no trainer can use.",
                    "Correct the value, leave it empty, or exclude the column."
                );
            }
        }
    }

    private static SignatureType TypeOf(Column column) =>
        column.Type switch
        {
            ColumnType.Integer => SignatureType.Long,
            ColumnType.Boolean => SignatureType.Boolean,
            ColumnType.Text => SignatureType.String,
            _ => SignatureType.Double,
        };
}
