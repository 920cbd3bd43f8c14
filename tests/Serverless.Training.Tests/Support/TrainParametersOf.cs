namespace Serverless.Training.Tests.Support;

/// <summary>Parameters of a trainer for the generated rows.</summary>
internal static class TrainParametersOf
{
    internal static Dictionary<string, object?> Binary(string data) =>
        Json.Merge(
            new
            {
                data,
                label = "bought",
                exclude = new[] { "id", "amount" },
                model = "model",
            }
        );

    internal static Dictionary<string, object?> Regression(string data) =>
        Json.Merge(
            new
            {
                data,
                label = "amount",
                task = "regression",
                exclude = new[] { "id", "bought" },
                model = "model",
            }
        );
}
