using System.Globalization;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.Models;

/// <summary>A page of search results.</summary>
/// <param name="NextToken">The token of the next page; null after the last page.</param>
public sealed record ModelPage<T>(IReadOnlyList<T> Items, string? NextToken);

/// <summary>Searches models and their versions in memory.</summary>
public sealed class ModelSearch
{
    private static readonly SearchKey Name = new(SearchField.Attribute, "name");
    private readonly ModelTable table;

    internal ModelSearch(ModelTable table) => this.table = table;

    public async Task<ModelPage<ModelState>> ModelsAsync(
        string? filter,
        IReadOnlyList<string> orderBy,
        int maxResults,
        string? pageToken,
        CancellationToken cancellationToken = default
    )
    {
        var parsed = SearchFilter.Parse(filter, SearchTarget.RegisteredModels);
        var order = SearchOrder.Parse(orderBy, SearchTarget.RegisteredModels);
        PageToken.ParseOffset(pageToken);
        var states = await CandidatesAsync(parsed, cancellationToken);
        return Page(states.Where(s => parsed.Matches(s, ModelAccessor.One)), order, ModelAccessor.One, pageToken, maxResults);
    }

    public async Task<ModelPage<VersionItem>> VersionsAsync(
        string? filter,
        IReadOnlyList<string> orderBy,
        int maxResults,
        string? pageToken,
        CancellationToken cancellationToken = default
    )
    {
        var parsed = SearchFilter.Parse(filter, SearchTarget.ModelVersions);
        var order = SearchOrder.Parse(orderBy, SearchTarget.ModelVersions);
        PageToken.ParseOffset(pageToken);
        var states = await CandidatesAsync(parsed, cancellationToken);
        var found = states
            .SelectMany(s => s.Versions.Select(v => new VersionItem(s, v)))
            .Where(i => parsed.Matches(i, VersionAccessor.One));
        return Page(found, order, VersionAccessor.One, pageToken, maxResults);
    }

    /// <summary>A filter that names the model needs only one point read.</summary>
    private async Task<IReadOnlyList<ModelState>> CandidatesAsync(SearchFilter filter, CancellationToken cancellationToken) =>
        filter.Required(Name) is { } name
            ? await table.FindAsync(name, cancellationToken) is { } state
                ? [state]
                : []
            : await table.ListAsync(cancellationToken);

    private static ModelPage<T> Page<T>(IEnumerable<T> found, SearchOrder order, ISearchAccessor<T> accessor, string? token, int maxResults)
    {
        var (items, offset) = order.From(token, found, accessor);
        var all = items.ToList();
        all.Sort(order.Comparer(accessor));
        List<T> page = [.. all.Skip(offset).Take(maxResults)];
        return new ModelPage<T>(
            page,
            (long)offset + maxResults < all.Count && page.Count > 0 ? order.TokenAfter(page[^1], token, maxResults, accessor) : null
        );
    }

    private sealed class ModelAccessor : ISearchAccessor<ModelState>
    {
        public static ModelAccessor One { get; } = new();

        public double? Number(ModelState item, SearchKey key) =>
            key.Name == "last_updated_timestamp" ? item.Model.UpdatedAt.ToUnixTimeMilliseconds() : null;

        public string? Text(ModelState item, SearchKey key) =>
            key.Field == SearchField.Tag ? item.Model.Tags.GetValueOrDefault(key.Name)
            : key.Name == "name" ? item.Model.Name
            : null;

        public IEnumerable<(string Name, string Digest, string? Context)> Datasets(ModelState item) => [];
    }

    private sealed class VersionAccessor : ISearchAccessor<VersionItem>
    {
        public static VersionAccessor One { get; } = new();

        public double? Number(VersionItem item, SearchKey key) =>
            key.Name switch
            {
                "version_number" => item.Version.Version,
                "creation_timestamp" => item.Version.CreatedAt.ToUnixTimeMilliseconds(),
                "last_updated_timestamp" => item.Version.UpdatedAt.ToUnixTimeMilliseconds(),
                _ => null,
            };

        public string? Text(VersionItem item, SearchKey key) =>
            key.Field == SearchField.Tag
                ? item.Version.Tags.GetValueOrDefault(key.Name)
                : key.Name switch
                {
                    "name" => item.Version.Name,
                    "run_id" => item.Version.RunId,
                    "source_path" => item.Version.Source,
                    "version_number" => item.Version.Version.ToString(CultureInfo.InvariantCulture),
                    _ => null,
                };

        public IEnumerable<(string Name, string Digest, string? Context)> Datasets(VersionItem item) => [];
    }
}

/// <summary>A matching version with its model.</summary>
public readonly record struct VersionItem(ModelState Model, ModelVersion Version);
