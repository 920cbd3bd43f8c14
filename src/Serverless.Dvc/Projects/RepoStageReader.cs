using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Dvc.Reading;
using Serverless.Dvc.Reading.Resolving;
using Serverless.Dvc.Reading.Schema;
using Serverless.Dvc.Reading.Stages;

namespace Serverless.Dvc.Projects;

/// <summary>Creates a stage from its resolved keys and its lock.</summary>
internal sealed class RepoStageReader(StagePaths paths, Findings findings)
{
    private static readonly string[] PlotKeys = ["template", "x", "y", "x_label", "y_label", "title", "header"];

    public RepoStage Read(string file, ResolvedStage resolved, DataMap? locked)
    {
        var data = resolved.Data;
        var folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, data["wdir"]?.AsText ?? "."));
        var own = new DvcStage(resolved.Name, resolved.Group, resolved.Line);
        new StageOptions(findings).Read(own, data, resolved.Failed);
        var record = locked is { Entries.Count: > 0 } ? StageLock.From(locked) : null;
        var stage = new RepoStage(file, resolved.Name, folder)
        {
            Paths = paths,
            Command = data["cmd"],
            Frozen = data["frozen"]?.AsBool == true,
            AlwaysChanged = data["always_changed"]?.AsBool == true,
            Lock = record,
            OwnKeys = [.. data.TextKeys.Intersect(StageKeys.Own)],
            Retry = own.Retry,
            Timeout = own.Timeout,
            Resources = own.Resources,
            Tracked = resolved.Tracked,
        };
        foreach (var dep in Items(data["deps"]).Select(i => i.AsText).OfType<string>())
        {
            var path = PathOf(dep, folder);
            stage.Deps.Add(
                new StageDep(stage, path, Full(folder, path), Recorded(record, record?.Deps, path)) { IsElsewhere = IsAddress(dep) }
            );
        }

        ReadParams(stage, data["params"], record);
        foreach (var section in new[] { "outs", "metrics", "plots" })
        {
            ReadOuts(stage, data[section], section, record);
        }

        return stage;
    }

    internal static bool IsAddress(string path) => path.IndexOf("://", StringComparison.Ordinal) > 0;

    internal static string Full(string folder, string path) =>
        IsAddress(path) ? path : Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(folder, path)));

    // DVC treats a path without an entry in the lock as version 2 without a hash. Only its absence matters.
    internal static OutputEntry? Recorded(StageLock? record, IReadOnlyList<OutputEntry>? entries, string path) =>
        record is null ? null : entries!.LastOrDefault(e => e.Path == path);

    private static IEnumerable<DataNode> Items(DataNode? list) => (list as DataList)?.Items ?? [];

    // An absolute path inside the project becomes relative to the stage's folder.
    private string PathOf(string path, string folder) =>
        Path.IsPathRooted(path) && path != paths.Root && StagePaths.IsIn(Path.GetFullPath(path), paths.Root)
            ? StagePaths.Relative(folder, path)
            : path;

    // The same path twice is one output with the options of both.
    private void ReadOuts(RepoStage stage, DataNode? list, string section, StageLock? record)
    {
        var byPath = new OrderedDictionary<string, List<DataEntry>>(StringComparer.Ordinal);
        foreach (var item in Items(list))
        {
            var entries =
                item is DataMap map ? map.Entries
                : item.AsText is not null ? [new DataEntry((DataScalar)item, DataMap.Empty)]
                : [];
            foreach (var entry in entries)
            {
                var path = PythonText.Str(entry.Key);
                if (!byPath.TryGetValue(path, out var options))
                {
                    byPath[path] = options = [];
                }

                options.AddRange(
                    entry.Value is DataMap given
                        ? given.Entries
                        : ((entry.Value as DataList)?.Items ?? []).OfType<DataMap>().SelectMany(m => m.Entries)
                );
            }
        }

        foreach (var (written, options) in byPath)
        {
            var path = PathOf(written, stage.WorkingDirectory);
            var settings = new DataMap(options);
            stage.Outs.Add(
                new StageOut(stage, path, Full(stage.WorkingDirectory, path), Recorded(record, record?.Outs, path))
                {
                    UseCache = settings["cache"]?.AsBool ?? true,
                    Persist = settings["persist"]?.AsBool ?? false,
                    Metric = section == "metrics",
                    Plot = section == "plots" ? new DataMap([.. options.Where(o => PlotKeys.Contains(o.Key.AsText))]) : null,
                    IsElsewhere = IsAddress(path),
                }
            );
        }
    }

    // A file listed without keys is taken whole, in addition to any keys listed for it.
    private static void ReadParams(RepoStage stage, DataNode? list, StageLock? record)
    {
        var files = new OrderedDictionary<string, List<string>>(StringComparer.Ordinal);
        var named = Items(list)
            .SelectMany(item =>
                item switch
                {
                    DataMap map => map.Entries.Select(e =>
                        (File: PythonText.Str(e.Key), Keys: Items(e.Value).Select(PythonText.Str).ToList())
                    ),
                    { AsText: { } key } => [(StageLock.DefaultParams, [key])],
                    _ => [],
                }
            )
            .ToList();
        var whole = named.Where(n => n.Keys.Count == 0).Select(n => n.File).ToHashSet(StringComparer.Ordinal);
        foreach (var (file, keys) in named)
        {
            if (!files.TryGetValue(file, out var known))
            {
                files[file] = known = [];
            }

            if (!whole.Contains(file))
            {
                known.AddRange(keys);
            }
        }

        foreach (var (file, keys) in files)
        {
            var values = record?.Params.FirstOrDefault(p => p.File == file).Values;
            stage.Params.Add(new StageParams(stage, file, Full(stage.WorkingDirectory, file), keys, Known(values, keys)));
        }
    }

    private static DataMap? Known(DataMap? values, List<string> keys) =>
        values is null || keys.Count == 0 ? values : new DataMap([.. values.Entries.Where(e => keys.Contains(PythonText.Str(e.Key)))]);
}
