using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Tracking.Models;

namespace Serverless.Training.Components.Register;

/// <summary>The model registry for components, and the tags that they set on versions.</summary>
internal static class Registry
{
    /// <summary>The digest of the model folder as trained, before the Model Card was added.</summary>
    public const string TrainedDigestTag = "serverless.trained_digest";
    public const string CandidateTag = "serverless.candidate";
    public const string TrainerTag = "serverless.trainer";
    public const string TrainingDataTag = "serverless.training_data";

    public static IModelRegistry Of(ComponentContext context) =>
        context.Services.GetService(typeof(IModelRegistry)) as IModelRegistry
        ?? throw new ServerlessException(
            ErrorCodes.Environment,
            "This host has no model registry for components.",
            "Run the pipeline with `mlops run`.",
            status: 500
        );

    public static string? TrainedDigestOf(ModelVersion version) => version.Tags.GetValueOrDefault(TrainedDigestTag);
}
