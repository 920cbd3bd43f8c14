namespace Serverless.Tracking.Search;

/// <summary>A filter in MLflow's grammar: parsed once, asked for each item without allocating.</summary>
public sealed class SearchFilter
{
    private static readonly SearchKey PromptTag = new(SearchField.Tag, "mlflow.prompt.is_prompt");

    private readonly SearchCondition[] _conditions;
    private readonly bool _hidesPrompts;

    private SearchFilter(SearchCondition[] conditions, bool hidesPrompts)
    {
        _conditions = conditions;
        _hidesPrompts = hidesPrompts;
    }

    /// <exception cref="ServerlessException">The text is no valid filter of this search; the message is MLflow's.</exception>
    public static SearchFilter Parse(string? text, SearchTarget target)
    {
        var conditions = ParseConditions(text, target);
        var hidesPrompts = SearchRules.Of(target).HasPrompts && !AsksForPrompts(conditions);

        // Where prompts are hidden, what the filter says of their tag says no more: models do not carry it.
        return new SearchFilter(
            hidesPrompts ? Array.FindAll(conditions, condition => condition.Key != PromptTag) : conditions,
            hidesPrompts
        );
    }

    public bool Matches<T>(T item, ISearchAccessor<T> accessor)
    {
        if (_hidesPrompts && accessor.Text(item, PromptTag) == "true")
        {
            return false;
        }

        foreach (var condition in _conditions)
        {
            if (!condition.Matches(item, accessor))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The value that the filter demands of a text key (`name = 'churn'`); null if it demands none.</summary>
    public string? Required(SearchKey key) =>
        Array.Find(_conditions, condition => condition.Key == key && condition is { Comparator: Comparator.Equal, Number: null })?.Text;

    internal static SearchCondition[] ParseConditions(string? text, SearchTarget target) =>
        string.IsNullOrEmpty(text) ? [] : SearchConditions.Read(text, SearchRules.Of(target));

    private static bool AsksForPrompts(SearchCondition[] conditions)
    {
        var first = Array.Find(conditions, condition => condition.Key == PromptTag);
        return first is { Comparator: Comparator.Equal } && first.Text.Equals("true", StringComparison.OrdinalIgnoreCase)
            || first is { Comparator: Comparator.NotEqual } && first.Text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }
}
