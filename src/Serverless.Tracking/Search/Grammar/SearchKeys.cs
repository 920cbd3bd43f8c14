using Serverless.Core;

namespace Serverless.Tracking.Search.Grammar;

/// <summary>Reads <c>entity.key</c> or a bare attribute.</summary>
internal static class SearchKeys
{
    /// <param name="identifier">As it is written, quotes and all.</param>
    /// <param name="rules">Of the search that it stands in.</param>
    /// <param name="attributes">The attributes that are valid here.</param>
    public static SearchKey Read(string identifier, SearchRules rules, string[] attributes)
    {
        var period = identifier.IndexOf('.', StringComparison.Ordinal);
        var entity =
            period < 0
                ? rules.Target == SearchTarget.LoggedModels
                    ? "attributes"
                    : "attribute"
                : QuotedText.TrimBackticks(identifier[..period].TrimEnd());
        var field = rules.Target switch
        {
            SearchTarget.Runs => FieldOfRun(entity),
            SearchTarget.LoggedModels => FieldOfLoggedModel(entity),
            _ => FieldOfOther(entity),
        };
        var key = Written(identifier);
        return field switch
        {
            SearchField.Attribute when attributes.Contains(key) => new SearchKey(field, rules.Canonical(key)),
            SearchField.Attribute => throw SearchRules.InvalidAttribute(key, attributes),
            SearchField.Dataset when !SearchRules.DatasetKeys.Contains(key) => throw ServerlessException.Invalid(
                $"Invalid dataset key '{key}' specified. Valid keys are '{PythonText.Set(SearchRules.DatasetKeys)}'"
            ),
            _ => new SearchKey(field, key),
        };
    }

    /// <summary>The key as the user called it, without its quotes.</summary>
    public static string Written(string identifier)
    {
        var key = identifier[(identifier.IndexOf('.', StringComparison.Ordinal) + 1)..].TrimStart();
        return QuotedText.TrimBackticks(QuotedText.TrimQuotes(key));
    }

    public static string Name(SearchField field) =>
        field switch
        {
            SearchField.Param => "parameter",
            _ => field.ToString().ToLowerInvariant(),
        };

    public static string Plural(SearchField field) => field.ToString().ToLowerInvariant() + "s";

    private static SearchField FieldOfLoggedModel(string entity) =>
        entity switch
        {
            "attributes" => SearchField.Attribute,
            "metrics" => SearchField.Metric,
            "params" => SearchField.Param,
            "tags" => SearchField.Tag,
            _ => throw ServerlessException.Invalid(
                $"Invalid entity type: '{entity}'. Expected one of ['attributes', 'metrics', 'params', 'tags']."
            ),
        };

    private static SearchField FieldOfRun(string entity) =>
        entity switch
        {
            "metric" or "metrics" => SearchField.Metric,
            "parameter" or "parameters" or "param" or "params" => SearchField.Param,
            "tag" or "tags" => SearchField.Tag,
            "attribute" or "attributes" or "attr" or "run" => SearchField.Attribute,
            "dataset" or "datasets" => SearchField.Dataset,
            _ => throw ServerlessException.Invalid(
                $"Invalid entity type '{entity}'. Valid values are "
                    + $"{PythonText.List(["metric", "parameter", "tag", "attribute", "dataset"])}"
            ),
        };

    private static SearchField FieldOfOther(string entity) =>
        entity switch
        {
            "tag" or "tags" => SearchField.Tag,
            "attribute" => SearchField.Attribute,
            _ => throw ServerlessException.Invalid($"Invalid entity type '{entity}'. Valid entity types are ('attribute', 'tag', 'tags')"),
        };
}
