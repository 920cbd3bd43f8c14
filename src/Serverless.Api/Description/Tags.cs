namespace Serverless.Api.Description;

/// <summary>The groups of operations, in the order in which the page shows them.</summary>
internal static class Tags
{
    public const string Datasets = "Datasets";
    public const string Objects = "Objects";
    public const string Models = "Models";
    public const string Serving = "Serving";
    public const string Rollouts = "Rollouts";
    public const string Policies = "Policies";
    public const string Runs = "Runs";
    public const string Hooks = "Webhooks";
    public const string Host = "Host";
    public const string Mlflow = "MLflow";

    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (Datasets, "Versions, branches, tags and lineage of data."),
        (Objects, "The workspace as a DVC remote."),
        (Models, "History, Model Cards and the trash, beyond MLflow's registry."),
        (Serving, "Predictions of registered models, labels and measured quality."),
        (Rollouts, "Canary steps from a champion to a challenger, and alerts."),
        (Runs, "Pipeline runs as the console shows them: graph, log, series, and what people do with a run."),
        (Policies, "When a model retrains, why it did or did not, and the inbox for new data."),
        (Hooks, "Deliveries from GitHub."),
        (Host, "Health, version, workspaces and settings."),
        (Mlflow, "MLflow's REST API, unchanged. Also below `/ajax-api/`. MLflow's own documentation describes it."),
    ];
}
