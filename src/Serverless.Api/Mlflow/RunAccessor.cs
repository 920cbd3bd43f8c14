using Serverless.Tracking.Experiments;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Search;

namespace Serverless.Api.Mlflow;

/// <summary>The attributes of a run for a search.</summary>
internal sealed class RunAccessor : ISearchAccessor<Run>
{
    public static RunAccessor Instance { get; } = new();

    public static string? ContextOf(DatasetInput input)
    {
        foreach (var (key, value) in input.Tags)
        {
            if (key == "mlflow.data.context")
            {
                return value;
            }
        }

        return null;
    }

    public double? Number(Run item, SearchKey key) =>
        key.Field == SearchField.Metric
            ? item.Metrics.TryGetValue(key.Name, out var point)
                ? point.Value
                : null
            : key.Name switch
            {
                "start_time" => item.StartMilliseconds,
                "end_time" => item.EndMilliseconds,
                _ => null,
            };

    public string? Text(Run item, SearchKey key) =>
        key.Field switch
        {
            SearchField.Param => item.Params.GetValueOrDefault(key.Name),
            SearchField.Tag => item.Tags.GetValueOrDefault(key.Name),
            _ => key.Name switch
            {
                "run_id" => item.Id,
                "run_name" => item.Name,
                "status" => RunEdits.FormatStatus(item.Status),
                "artifact_uri" => item.ArtifactUri,
                "user_id" => item.User,
                "experiment_id" => item.ExperimentId,
                "lifecycle_stage" => item.IsDeleted ? "deleted" : "active",
                _ => null,
            },
        };

    public IEnumerable<(string Name, string Digest, string? Context)> Datasets(Run item) =>
        item.Inputs.Select(i => (i.Name, i.Digest, ContextOf(i)));
}

/// <summary>The attributes of an experiment for a search.</summary>
internal sealed class ExperimentAccessor : ISearchAccessor<Experiment>
{
    public static ExperimentAccessor Instance { get; } = new();

    public double? Number(Experiment item, SearchKey key) =>
        key.Name switch
        {
            "creation_time" => item.CreationTime,
            "last_update_time" => item.LastUpdateTime,
            _ => null,
        };

    public string? Text(Experiment item, SearchKey key) =>
        key.Field == SearchField.Tag
            ? item.Tags.GetValueOrDefault(key.Name)
            : key.Name switch
            {
                "name" => item.Name,
                // Only used for sorting, and IDs are numbers: 10 comes after 9.
                "experiment_id" => item.Id.PadLeft(20, '0'),
                _ => null,
            };

    public IEnumerable<(string Name, string Digest, string? Context)> Datasets(Experiment item) => [];
}
