using Serverless.Pipelines.Components;
using Serverless.Training.Components.Compare;
using Serverless.Training.Components.Data;
using Serverless.Training.Components.Evaluate;
using Serverless.Training.Components.Register;
using Serverless.Training.Components.Train;

namespace Serverless.Training;

/// <summary>
/// The training components. They are listed one by one, because reflection over the assembly's types would load all of ML.NET, which a host
/// that only looks up parameters does not need.
/// </summary>
public static class TrainingComponents
{
    internal static IReadOnlyList<Type> All { get; } =
    [
        typeof(ValidateComponent),
        typeof(SplitComponent),
        typeof(FastTreeComponent),
        typeof(FastForestComponent),
        typeof(LightGbmComponent),
        typeof(LbfgsLogisticComponent),
        typeof(SdcaComponent),
        typeof(EvaluateComponent),
        typeof(CompareComponent),
        typeof(RegisterComponent),
        typeof(PromoteComponent),
    ];

    public static ComponentCatalog AddTraining(this ComponentCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        foreach (var type in All)
        {
            catalog.Add(type);
        }

        return catalog;
    }
}
