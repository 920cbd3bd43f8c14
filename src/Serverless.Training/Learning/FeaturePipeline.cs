using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Serverless.Training.Models;

namespace Serverless.Training.Learning;

/// <summary>Transforms raw columns to one feature vector. All of it is stored with the model.</summary>
internal static class FeaturePipeline
{
    private const string Numbers = "~numbers";
    private const string Gaps = "~gaps";

    /// <summary>
    /// Numbers: missing values become the mean, with an additional 0/1 feature for each column that has gaps in the training data. Text:
    /// one feature per category. A missing category, or one that is not in the training data, is all zeros.
    /// </summary>
    public static IEstimator<ITransformer> Create(
        MLContext ml,
        IReadOnlyList<SignatureColumn> inputs,
        bool normalize,
        int maximumCategoryCount
    )
    {
        var numbers = inputs.Where(i => i.Type != SignatureType.String).ToArray();
        var texts = inputs.Where(i => i.Type == SignatureType.String).Select(i => i.Name).ToArray();
        var gaps = numbers.Where(i => !i.Required).Select(i => i.Name).ToArray();
        var parts = new List<string>();
        var steps = new EstimatorChain<ITransformer>();
        if (numbers.Length > 0)
        {
            parts.Add(Numbers);
            steps = steps
                .Append<ITransformer>(ml.Transforms.Concatenate(Numbers, [.. numbers.Select(n => n.Name)]))
                .Append<ITransformer>(
                    ml.Transforms.ReplaceMissingValues(Numbers, replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean)
                );
            if (normalize)
            {
                steps = steps.Append<ITransformer>(ml.Transforms.NormalizeMeanVariance(Numbers, fixZero: false));
            }
        }

        if (gaps.Length > 0)
        {
            parts.Add(Gaps);
            steps = steps
                .Append<ITransformer>(ml.Transforms.Concatenate(Gaps, gaps))
                .Append<ITransformer>(ml.Transforms.IndicateMissingValues(Gaps))
                .Append<ITransformer>(ml.Transforms.Conversion.ConvertType(Gaps, outputKind: DataKind.Single));
        }

        if (texts.Length > 0)
        {
            var encoded = texts.Select(t => new InputOutputColumnPair("~" + t, t)).ToArray();
            parts.AddRange(encoded.Select(e => e.OutputColumnName));
            steps = steps.Append<ITransformer>(
                ml.Transforms.Categorical.OneHotEncoding(
                    encoded,
                    OneHotEncodingEstimator.OutputKind.Indicator,
                    maximumCategoryCount,
                    // By value, not by order of appearance, so that the order of the rows does not change the model.
                    ValueToKeyMappingEstimator.KeyOrdinality.ByValue
                )
            );
        }

        return steps.Append<ITransformer>(ml.Transforms.Concatenate(FrameSchema.Features, [.. parts]));
    }
}
