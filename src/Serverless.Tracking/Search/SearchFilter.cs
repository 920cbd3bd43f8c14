namespace Serverless.Tracking.Search;

/// <summary>A filter in MLflow's grammar: parsed once, evaluated for each item without allocations.</summary>
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

    /// <exception cref="ServerlessException">The text is not a valid filter of this search. The message is MLflow's.</exception>
    public static SearchFilter Parse(string? text, SearchTarget target)
    {
        var conditions = ParseConditions(text, target);
        var hidesPrompts = SearchRules.Of(target).HasPrompts && !AsksForPrompts(conditions);

        // Where prompts are hidden, filters on their tag have no effect: models do not have it.
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

    /// <summary>Returns the value that the filter requires of a text key (`name = 'churn'`), or null.</summary>
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
