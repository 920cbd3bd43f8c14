using Serverless.Data.Params;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Remotes;

/// <summary>Finds the outputs that stages were made from, transitively, in the lock files.</summary>
internal static class StageDependencies
{
    public static IEnumerable<TrackedOutput> Of(RepositoryIndex index, IEnumerable<TrackedOutput> from)
    {
        var dependencies = index
            .StageFolders.SelectMany(f => Read(f))
            .GroupBy(d => d.Owner)
            .ToDictionary(g => g.Key, g => g.Select(d => d.Path).ToList(), StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<TrackedOutput>(from);
        while (open.TryDequeue(out var output))
        {
            foreach (var path in dependencies.GetValueOrDefault(output.Owner) ?? [])
            {
                if (index.Around(path) is { } needed && seen.Add(needed.Path))
                {
                    open.Enqueue(needed);
                    yield return needed;
                }
            }
        }
    }

    private static IEnumerable<(string Owner, string Path)> Read(string folder)
    {
        var file = Path.Combine(folder, LockedStages.LockName);
        var prefix = RepositoryIndex.Prefix(folder);
        if (
            !File.Exists(file)
            || YamlReader.Parse(TextFile.Read(file, prefix + LockedStages.LockName), prefix + LockedStages.LockName) is not DataMap document
        )
        {
            yield break;
        }

        foreach (var stage in (document["stages"] as DataMap ?? DataMap.Empty).Entries)
        {
            var name = PythonText.Str(stage.Key);
            foreach (var dependency in ((stage.Value as DataMap)?["deps"] as DataList)?.Items.OfType<DataMap>() ?? [])
            {
                if (dependency["path"]?.AsText is { Length: > 0 } path && !path.Contains("://", StringComparison.Ordinal))
                {
                    yield return (
                        prefix.Length == 0 ? name : $"{prefix}{LockedStages.StagesName}:{name}",
                        Path.GetFullPath(Path.Combine(folder, path))
                    );
                }
            }
        }
    }
}
