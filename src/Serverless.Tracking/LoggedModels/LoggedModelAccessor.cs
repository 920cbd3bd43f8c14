using Serverless.Tracking.Search;

namespace Serverless.Tracking.LoggedModels;

/// <summary>Gives a search access to a logged model. With datasets, only metrics measured on them count.</summary>
public sealed class LoggedModelAccessor(IReadOnlyList<(string Name, string? Digest)> datasets) : ISearchAccessor<LoggedModel>
{
    public double? Number(LoggedModel item, SearchKey key) =>
        key.Name switch
        {
            "creation_timestamp_ms" => item.CreationTime,
            "last_updated_timestamp_ms" => item.LastUpdateTime,
            _ => null,
        };

    public IEnumerable<double>? Points(LoggedModel item, SearchKey key) =>
        key.Field == SearchField.Metric ? item.Metrics.Where(m => m.Key == key.Name && IsOn(m)).Select(m => m.Value) : null;

    public string? Text(LoggedModel item, SearchKey key) =>
        key.Field switch
        {
            SearchField.Param => item.Params.GetValueOrDefault(key.Name),
            SearchField.Tag => item.Tags.GetValueOrDefault(key.Name),
            _ => Attribute(item, key.Name),
        };

    public IEnumerable<(string Name, string Digest, string? Context)> Datasets(LoggedModel item) => [];

    /// <summary>Returns true if no datasets are requested, or the model has a metric on one of them.</summary>
    public bool HasDataset(LoggedModel item) => datasets.Count == 0 || item.Metrics.Any(IsOn);

    public static string? Attribute(LoggedModel item, string name) =>
        name switch
        {
            "model_id" => item.Id,
            "experiment_id" => item.ExperimentId,
            "name" => item.Name,
            "artifact_location" => item.ArtifactUri,
            "status" => item.Status.ToString().ToUpperInvariant(),
            "model_type" => item.ModelType,
            "source_run_id" => item.SourceRunId,
            "lifecycle_stage" => item.IsDeleted ? "deleted" : "active",
            _ => null,
        };

    private bool IsOn(LoggedModelMetric metric) =>
        datasets.Count == 0 || datasets.Any(d => d.Name == metric.DatasetName && (d.Digest is null || d.Digest == metric.DatasetDigest));
}
