namespace Serverless.Tracking.Search;

/// <summary>One comparison, ready to be evaluated. An item that lacks the key matches none, <c>!=</c> included.</summary>
internal sealed record SearchCondition(SearchKey Key, Comparator Comparator)
{
    public double? Number { get; init; }

    public string Text { get; init; } = "";

    public HashSet<string>? List { get; init; }

    public LikePattern? Pattern { get; init; }

    public bool Matches<T>(T item, ISearchAccessor<T> accessor) =>
        Number is { } number ? MatchesNumber(item, accessor, number)
        : Key.Field == SearchField.Dataset ? MatchesDataset(accessor.Datasets(item))
        : accessor.Text(item, Key) is { } text && Compare(text);

    private bool MatchesNumber<T>(T item, ISearchAccessor<T> accessor, double number) =>
        accessor.Points(item, Key) is { } points ? AnyFits(points, number) : accessor.Number(item, Key) is { } one && Compare(one, number);

    private bool AnyFits(IEnumerable<double> values, double number) => values.Any(value => Compare(value, number));

    private bool MatchesDataset(IEnumerable<(string Name, string Digest, string? Context)> datasets)
    {
        foreach (var (name, digest, context) in datasets)
        {
            var text = Key.Name switch
            {
                "name" => name,
                "digest" => digest,
                _ => context,
            };
            if (text is not null && Compare(text))
            {
                return true;
            }
        }

        return false;
    }

    // NaN is unequal to everything and neither less nor greater, as in Python.
    private bool Compare(double value, double number) =>
        Comparator switch
        {
            Comparator.Equal => value == number,
            Comparator.NotEqual => value != number,
            Comparator.Less => value < number,
            Comparator.LessOrEqual => value <= number,
            Comparator.Greater => value > number,
            _ => value >= number,
        };

    private bool Compare(string text) =>
        Comparator switch
        {
            Comparator.Equal => text == Text,
            Comparator.NotEqual => text != Text,
            Comparator.In => List!.Contains(text),
            Comparator.NotIn => !List!.Contains(text),
            _ => Pattern!.Matches(text),
        };
}
