using Microsoft.ML;
using Microsoft.ML.Data;
using Serverless.Training.Models;

namespace Serverless.Training.Learning;

/// <summary>The raw columns of a model for ML.NET: numbers and booleans as Single, text as Text.</summary>
internal sealed class FrameSchema
{
    /// <summary>The prefix of internal columns, which no data column has, so that a feature may be named `Label` or `Score`.</summary>
    public const string Label = "~label";
    public const string Features = "~features";

    private FrameSchema(IReadOnlyList<SignatureColumn> features, LearningTask? label, DataViewSchema schema)
    {
        Inputs = features;
        LabelTask = label;
        Schema = schema;
    }

    /// <summary>The features, in the order of the first columns of <see cref="Schema"/>.</summary>
    public IReadOnlyList<SignatureColumn> Inputs { get; }

    /// <summary>If not null, the label follows as one more column: Boolean for binary, Single for regression.</summary>
    public LearningTask? LabelTask { get; }

    public DataViewSchema Schema { get; }

    public static FrameSchema Create(IReadOnlyList<SignatureColumn> features, LearningTask? label = null)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var feature in features)
        {
            builder.AddColumn(feature.Name, feature.Type == SignatureType.String ? TextDataViewType.Instance : NumberDataViewType.Single);
        }

        if (label is { } task)
        {
            builder.AddColumn(Label, task == LearningTask.Binary ? BooleanDataViewType.Instance : NumberDataViewType.Single);
        }

        return new FrameSchema(features, label, builder.ToSchema());
    }
}
