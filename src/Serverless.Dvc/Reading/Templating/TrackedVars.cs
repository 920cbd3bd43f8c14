using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>
/// Records the values of files that a stage's templates used. As in DVC, maps are not tracked because they may come from several files.
/// </summary>
internal sealed class TrackedVars
{
    public OrderedDictionary<string, OrderedDictionary<string, DataNode>> ByFile { get; } = new(StringComparer.Ordinal);

    public void Add(ContextNode node)
    {
        if (node is ContextMap || node.Origin is not { IsLocal: false, Source: { } source } origin)
        {
            return;
        }

        if (!ByFile.TryGetValue(source, out var values))
        {
            ByFile[source] = values = new OrderedDictionary<string, DataNode>(StringComparer.Ordinal);
        }

        values[origin.Path] = node.ToData();
    }
}
