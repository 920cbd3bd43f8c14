namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints of metrics.</summary>
internal static class MetricEndpoints
{
    public static IReadOnlyList<MlflowEndpoint> All { get; } = [];
}
