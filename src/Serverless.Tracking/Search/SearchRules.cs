using Serverless.Core;
using Serverless.Tracking.Search.Grammar;

namespace Serverless.Tracking.Search;

/// <summary>The rules of a search: its attributes and the comparators of each kind of value.</summary>
internal sealed class SearchRules
{
    public static readonly string[] NumberComparators = ["=", "!=", ">", ">=", "<", "<="];
    public static readonly string[] TextComparators = ["=", "!=", "LIKE", "ILIKE"];
    public static readonly string[] ListComparators = [.. TextComparators, "IN", "NOT IN"];
    public static readonly string[] DatasetKeys = ["name", "digest", "context"];

    private static readonly SearchRules[] All = [Runs(), Experiments(), RegisteredModels(), ModelVersions(), LoggedModels()];

    private SearchRules(SearchTarget target, string[] numeric, string[] searchable, string[] orderable)
    {
        Target = target;
        Numeric = numeric;
        Searchable = searchable;
        Orderable = orderable;
    }

    public SearchTarget Target { get; }

    public string[] Numeric { get; }

    public string[] Searchable { get; }

    public string[] Orderable { get; }

    /// <summary>Gets a value that indicates whether prompts are hidden, which MLflow stores as models with a tag.</summary>
    public bool HasPrompts => Target is SearchTarget.RegisteredModels or SearchTarget.ModelVersions;

    public static SearchRules Of(SearchTarget target) =>
        (int)target < All.Length ? All[(int)target] : throw new ArgumentOutOfRangeException(nameof(target));

    /// <summary>Maps aliases, including the column names on MLflow's own pages, to canonical names.</summary>
    public string Canonical(string attribute) =>
        (Target, attribute) switch
        {
            (SearchTarget.Runs, "created" or "Created") => "start_time",
            (SearchTarget.Runs, "run name" or "Run name" or "Run Name") => "run_name",
            (SearchTarget.RegisteredModels, "timestamp") => "last_updated_timestamp",
            (SearchTarget.LoggedModels, "creation_time" or "creation_timestamp") => "creation_timestamp_ms",
            (SearchTarget.LoggedModels, "last_updated_timestamp") => "last_updated_timestamp_ms",
            _ => attribute,
        };

    public bool IsNumeric(SearchKey key) =>
        key.Field == SearchField.Metric || (key.Field == SearchField.Attribute && Numeric.Contains(key.Name));

    public static ServerlessException InvalidAttribute(string key, IEnumerable<string> valid) =>
        ServerlessException.Invalid($"Invalid attribute key '{key}' specified. Valid keys are '{PythonText.Set(valid)}'");

    private static SearchRules Runs()
    {
        string[] attributes = ["run_id", "run_name", "status", "user_id", "artifact_uri", "start_time", "end_time", "created", "Created"];
        return new(SearchTarget.Runs, ["start_time", "end_time"], [.. attributes, "run name", "Run name", "Run Name"], attributes);
    }

    private static SearchRules Experiments()
    {
        string[] attributes = ["name", "creation_time", "last_update_time"];
        return new(SearchTarget.Experiments, ["creation_time", "last_update_time"], attributes, [.. attributes, "experiment_id"]);
    }

    private static SearchRules RegisteredModels() =>
        new(SearchTarget.RegisteredModels, ["last_updated_timestamp"], ["name"], ["name", "timestamp", "last_updated_timestamp"]);

    private static SearchRules LoggedModels()
    {
        string[] numeric = ["creation_timestamp_ms", "last_updated_timestamp_ms"];
        string[] attributes =
        [
            "model_id",
            "experiment_id",
            "name",
            "artifact_location",
            "status",
            "model_type",
            "source_run_id",
            "lifecycle_stage",
            .. numeric,
        ];
        return new(
            SearchTarget.LoggedModels,
            numeric,
            [.. attributes, "creation_time", "creation_timestamp", "last_updated_timestamp"],
            attributes
        );
    }

    private static SearchRules ModelVersions() =>
        new(
            SearchTarget.ModelVersions,
            ["version_number", "creation_timestamp", "last_updated_timestamp"],
            ["name", "version_number", "run_id", "source_path"],
            ["name", "version_number", "creation_timestamp", "last_updated_timestamp"]
        );
}
