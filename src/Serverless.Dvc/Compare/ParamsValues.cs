using Serverless.Core;
using Serverless.Data.Locks;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>
/// Reads the parameters listed in a revision's stages and dvc.yaml files, the variables used by its templates, and params.yaml.
/// </summary>
internal static class ParamsValues
{
    /// <param name="depsOnly">Restricts to what stages depend on.</param>
    public static RevisionValues Read(Project project, Revision revision, IReadOnlyList<string> targets, bool depsOnly)
    {
        var files = new OrderedDictionary<string, FileValues>(StringComparer.Ordinal);
        if (revision.Index is not { } index)
        {
            return new RevisionValues(revision.Name, files, revision.Wrong);
        }

        // No keys: the whole file, in addition to any keys listed for it.
        var wanted = new OrderedDictionary<string, List<string>?>(StringComparer.Ordinal);
        void Want(string path, IReadOnlyList<string> keys)
        {
            foreach (var file in revision.Data!.Expand(path))
            {
                if (keys.Count == 0)
                {
                    wanted[file] = null;
                }
                else if (!wanted.TryGetValue(file, out var known))
                {
                    wanted[file] = [.. keys];
                }
                else
                {
                    known?.AddRange(keys);
                }
            }
        }

        foreach (var target in targets)
        {
            Want(Path.GetFullPath(Path.Combine(project.Paths.Here, target)), []);
        }

        if (targets.Count == 0)
        {
            foreach (var entry in index.Stages.SelectMany(s => s.Params))
            {
                Want(entry.FullPath, entry.Keys);
            }

            if (!depsOnly)
            {
                foreach (var path in index.Pipelines.SelectMany(p => p.Params.Select(f => Path.GetFullPath(Path.Combine(p.Folder, f)))))
                {
                    Want(path, []);
                }

                var standard = Path.Combine(project.Paths.Root, StageLock.DefaultParams);
                if (index.Files.FileExists(standard))
                {
                    Want(standard, []);
                }
            }
        }

        foreach (var (path, keys) in wanted)
        {
            files[StagePaths.Relative(project.Paths.Root, path)] = ReadFile(project, revision.Data!, path, keys);
        }

        if (targets.Count == 0)
        {
            AddVars(project, index, files);
        }

        return new RevisionValues(revision.Name, files, null);
    }

    private static FileValues ReadFile(Project project, ProjectData data, string path, List<string>? keys)
    {
        try
        {
            var shown = project.Paths.Show(path);
            var all = ParamsFile.Parse(TextFile.Decode(data.Read(path), shown), shown);
            return new FileValues(
                keys is null
                    ? all
                    : keys.Distinct(StringComparer.Ordinal)
                        .Aggregate((DataNode)DataMap.Empty, (found, key) => Merge(found, Part(all, key.Split('.'))))
            );
        }
        catch (Exception e) when (e is FileNotFoundException or ServerlessException)
        {
            return new FileValues(null, e);
        }
    }

    // The value with the maps around it, as in the file; null if there is none.
    private static DataNode? Part(DataNode node, ReadOnlySpan<string> path)
    {
        if (path.Length == 0)
        {
            return node;
        }

        if (node is DataMap map)
        {
            var key = path[0];
            var entry = map.Find(key) ?? map.Entries.FirstOrDefault(e => PythonText.Str(e.Key) == key);
            return entry is not null && Part(entry.Value, path[1..]) is { } inner ? new DataMap([entry with { Value = inner }]) : null;
        }

        return
            node is DataList list
            && int.TryParse(path[0], out var at)
            && at >= 0
            && at < list.Items.Count
            && Part(list.Items[at], path[1..]) is { } item
            ? new DataList([item])
            : null;
    }

    private static DataNode Merge(DataNode into, DataNode? from)
    {
        if (from is null || into is not DataMap left || from is not DataMap right)
        {
            return from ?? into;
        }

        var entries = left.Entries.ToList();
        foreach (var entry in right.Entries)
        {
            var at = entries.FindIndex(e => PythonEquality.AreEqual(e.Key, entry.Key));
            if (at < 0)
            {
                entries.Add(entry);
            }
            else
            {
                entries[at] = entry with { Value = Merge(entries[at].Value, entry.Value) };
            }
        }

        return new DataMap(entries);
    }

    private static void AddVars(Project project, ProjectIndex index, OrderedDictionary<string, FileValues> files)
    {
        var used = new OrderedDictionary<string, List<DataEntry>>(StringComparer.Ordinal);
        foreach (var stage in index.Stages.Where(s => s.Tracked is not null))
        {
            foreach (var (file, values) in stage.Tracked!.ByFile)
            {
                var path = StagePaths.Relative(
                    project.Paths.Root,
                    Path.GetFullPath(Path.Combine(Path.GetDirectoryName(stage.File)!, file))
                );
                if (files.ContainsKey(path))
                {
                    continue;
                }

                if (!used.TryGetValue(path, out var known))
                {
                    used[path] = known = [];
                }

                foreach (var (name, value) in values)
                {
                    known.RemoveAll(e => e.Key.AsText == name);
                    known.Add(FileValues.Entry(name, value));
                }
            }
        }

        foreach (var (path, values) in used)
        {
            files[path] = new FileValues(new DataMap(values));
        }
    }
}
