using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Repositories;

/// <summary>
/// Reads the outputs that a `dvc.lock` records, with what only the `dvc.yaml` next to it contains: working folders, and outputs tracked by
/// git.
/// </summary>
internal static class LockedStages
{
    public const string LockName = "dvc.lock";
    public const string StagesName = "dvc.yaml";

    /// <param name="folder">The folder of both files.</param>
    /// <param name="prefix">The address prefix of stages in that folder; empty in the current folder.</param>
    public static IEnumerable<TrackedOutput> Outputs(string folder, string prefix, string lockText, string? stagesText)
    {
        var name = prefix + LockName;
        if (YamlReader.Parse(lockText, name) is not DataMap document)
        {
            yield break;
        }

        // Version 1 had the stages at the top level.
        var stages = document["schema"] is null ? document : document["stages"] as DataMap ?? DataMap.Empty;
        var written = stagesText is null ? null : (YamlReader.Parse(stagesText, prefix + StagesName) as DataMap)?["stages"] as DataMap;
        foreach (var stage in stages.Entries)
        {
            if (stage.Value is not DataMap locked || locked["outs"] is not DataList outs)
            {
                continue;
            }

            var stageName = PythonText.Str(stage.Key);
            var definition = written?[stageName] as DataMap ?? written?[stageName.Split('@')[0]] as DataMap;
            definition = definition?["do"] as DataMap ?? definition;
            var working = Path.GetFullPath(Path.Combine(folder, definition?["wdir"]?.AsText ?? "."));
            foreach (var out_ in outs.Items.OfType<DataMap>())
            {
                var entry = new OutputEntry(
                    Options(definition, out_["path"]?.AsText ?? "")
                        .Entries.Aggregate(
                            out_,
                            (all, option) => option.Key.AsText is { } key && all[key] is null ? all.With(key, option.Value) : all
                        )
                );
                if (entry.IsCached && entry.Path.Length > 0)
                {
                    yield return new TrackedOutput(
                        Path.GetFullPath(Path.Combine(working, entry.Path)),
                        entry,
                        prefix.Length == 0 ? stageName : $"{prefix}{StagesName}:{stageName}",
                        null
                    );
                }
            }
        }
    }

    private static DataMap Options(DataMap? definition, string path)
    {
        foreach (var kind in (string[])["outs", "metrics", "plots"])
        {
            foreach (var map in (definition?[kind] as DataList)?.Items.OfType<DataMap>() ?? [])
            {
                if (map[path] is DataMap options)
                {
                    return options;
                }
            }
        }

        return DataMap.Empty;
    }
}
