namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints of runs.</summary>
internal static class RunEndpoints
{
    public static IReadOnlyList<MlflowEndpoint> All { get; } = [];
}
