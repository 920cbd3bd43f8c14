using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Pipelines.Components;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Train;

/// <summary>The steps of all trainers: read the data, train, write the model folder.</summary>
internal static class TrainComponent
{
    /// <param name="p">The parameters from the file.</param>
    /// <param name="setUp">Creates the trainer after the hyperparameters are applied.</param>
    /// <param name="context">The task.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    public static async Task<ComponentOutputs> RunAsync<TParameters>(
        TParameters p,
        Func<TParameters, Learner> setUp,
        ComponentContext context,
        CancellationToken cancellationToken
    )
        where TParameters : TrainParameters
    {
        HyperParametersAttribute.Apply(p, p.Parameters);
        var learner = setUp(p);
        var frame = await ColumnReader.ReadAsync(p.Data.Path, new ColumnReaderOptions { RequireRows = true }, cancellationToken);
        learner = learner with { Normalize = p.Normalize ?? learner.Normalize };
        var hyper = HyperParameters(p, learner);
        var data = TrainingSet.Create(frame, p, context.Log);
        learner.CheckLabel?.Invoke(data.Labels.Values);
        context.Log.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"Training {learner.Name} on {data.RowCount} rows and {data.Inputs.Count} columns.")
        );
        var started = context.Time.GetTimestamp();

        // One seed for all randomness, and one thread, because a sum of floats depends on its order.
        var ml = new MLContext(p.Seed);
        // ML.NET cannot cancel a fit: a cancelled task abandons it, and its result is never written.
        var model = await Task.Run(() => Fit(ml, data, learner, p.MaximumCategoryCount, cancellationToken), cancellationToken)
            .WaitAsync(cancellationToken);
        var manifest = new ModelManifest
        {
            Task = p.Task,
            Trainer = learner.Name,
            MlnetVersion = MlnetVersion,
            Label = p.Label,
            PositiveLabel = data.Labels.Positive,
            NegativeLabel = data.Labels.Negative,
            Threshold = p.Threshold,
            Inputs = data.Inputs,
            Outputs = ModelFolder.OutputsOf(p.Task),
            Parameters = hyper,
            TrainingData = new TrainingData(p.Data.Name, p.Data.Digest, data.RowCount),
        };
        ModelFolder.Write(
            p.Model.Path,
            manifest,
            data.Example(),
            stream => ml.Model.Save(model, FrameSchema.Create(data.Inputs).Schema, stream)
        );
        context.Log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Wrote {p.Model.Name} after {context.Time.GetElapsedTime(started).TotalSeconds:0.0} s."
            )
        );
        return new ComponentOutputs
        {
            Values = new JsonObject
            {
                ["trainer"] = learner.Name,
                ["rows"] = data.RowCount,
                ["features"] = data.Inputs.Count,
            },
        };
    }

    private static string MlnetVersion { get; } =
        (typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split(
            '+'
        )[0];

    private static ITransformer Fit(
        MLContext ml,
        TrainingSet data,
        Learner learner,
        int maximumCategoryCount,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return Fitting.Fit(ml, data, learner, maximumCategoryCount, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (NativeLibrary.IsMissing(e))
        {
            throw NativeLibrary.Explain(e);
        }
        catch (InvalidOperationException e)
        {
            throw new ServerlessException(
                ErrorCodes.TaskFailed,
                $"{learner.Name} could not be trained on this data: {e.Message}",
                inner: e
            );
        }
    }

    /// <summary>The parameters to record with the model: the trainer's own parameters and the seed.</summary>
    private static JsonObject HyperParameters(TrainParameters p, Learner learner)
    {
        var values = new JsonObject();
        foreach (var property in HyperParametersAttribute.PropertiesOf(p.GetType()).Where(q => q.Name != nameof(p.Threshold)))
        {
            if (property.GetValue(p) is { } value)
            {
                values[HyperParametersAttribute.NameOf(property)] = JsonSerializer.SerializeToNode(value, property.PropertyType);
            }
        }

        values["normalize"] = learner.Normalize;
        return values;
    }
}
