using Serverless.Core;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

/// <summary>An item of any search: what it has, by the key that a filter names.</summary>
internal sealed class Item(string id)
{
    public string Id { get; } = id;

    public Dictionary<SearchKey, double> Numbers { get; } = [];

    public Dictionary<SearchKey, string> Texts { get; } = [];

    public List<(string, string, string?)> Inputs { get; } = [];

    public Item Metric(string key, double? value) => Number(SearchField.Metric, key, value);

    public Item Attribute(string key, double? value) => Number(SearchField.Attribute, key, value);

    public Item Attribute(string key, string value) => Text(SearchField.Attribute, key, value);

    public Item Param(string key, string value) => Text(SearchField.Param, key, value);

    public Item Tag(string key, string value) => Text(SearchField.Tag, key, value);

    public Item Dataset(string name, string digest, string? context)
    {
        Inputs.Add((name, digest, context));
        return this;
    }

    private Item Number(SearchField field, string key, double? value)
    {
        if (value is { } number)
        {
            Numbers.Add(new SearchKey(field, key), number);
        }

        return this;
    }

    private Item Text(SearchField field, string key, string value)
    {
        Texts.Add(new SearchKey(field, key), value);
        return this;
    }
}

internal sealed class ItemAccessor : ISearchAccessor<Item>
{
    public static ItemAccessor Instance { get; } = new();

    public double? Number(Item item, SearchKey key) => item.Numbers.TryGetValue(key, out var value) ? value : null;

    public string? Text(Item item, SearchKey key) => item.Texts.GetValueOrDefault(key);

    public IEnumerable<(string Name, string Digest, string? Context)> Datasets(Item item) => item.Inputs;
}

internal static class Search
{
    /// <summary>The ids of what matches, in the order given.</summary>
    public static string Find(IEnumerable<Item> items, string? filter, SearchTarget target = SearchTarget.Runs)
    {
        var parsed = SearchFilter.Parse(filter, target);
        return string.Join(' ', items.Where(item => parsed.Matches(item, ItemAccessor.Instance)).Select(item => item.Id));
    }

    public static string Sort(IEnumerable<Item> items, string[]? orderBy, SearchTarget target = SearchTarget.Runs) =>
        string.Join(' ', items.Order(SearchOrder.Parse(orderBy, target).Comparer(ItemAccessor.Instance)).Select(item => item.Id));

    public static string Error(string? filter, SearchTarget target = SearchTarget.Runs) =>
        Assert.Throws<ServerlessException>(() => SearchFilter.Parse(filter, target)).Message;

    public static string OrderError(string[] orderBy, SearchTarget target = SearchTarget.Runs) =>
        Assert.Throws<ServerlessException>(() => SearchOrder.Parse(orderBy, target)).Message;
}
