using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Reading.Resolving;
using Serverless.Dvc.Reading.Schema;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Stages;

/// <summary>Turns a resolved stage's keys into a <see cref="DvcStage"/>. Skips what the schema has already reported.</summary>
internal sealed class StageReader(ComponentCatalog catalog, IReadOnlyCollection<string> stageNames, Findings findings)
{
    private readonly StageOptions options = new(findings);

    public DvcStage Read(ResolvedStage resolved)
    {
        var data = resolved.Data;
        var stage = new DvcStage(resolved.Name, resolved.Group, resolved.Line)
        {
            Description = data["desc"]?.AsText,
            Frozen = data["frozen"]?.AsBool ?? false,
            AlwaysChanged = data["always_changed"]?.AsBool ?? false,
            Finally = data["finally"]?.AsBool ?? false,
            HasUnknownOuts =
                resolved.Failed.Overlaps(["outs", "metrics", "plots", "with", "wdir"])
                || data.Entries.Any(e => MayNameOuts(PythonText.Str(e.Key), e.Value)),
        };
        if (
            !resolved.Failed.Contains("wdir")
            && data["wdir"]?.AsText is { Length: > 0 } wdir
            && LocalPath(wdir, data["wdir"]!.Line, "the wdir", stage)
        )
        {
            stage.WorkingDirectory = PipelinePath.Join(".", wdir);
        }

        ReadCommand(stage, data);
        foreach (var dep in Texts(data["deps"], resolved, "deps"))
        {
            AddDep(stage, dep.AsText!, dep.Line);
        }

        ReadOuts(stage, data["outs"], ArtifactKind.Output);
        ReadOuts(stage, data["metrics"], ArtifactKind.Metric);
        ReadOuts(stage, data["plots"], ArtifactKind.Plot);
        ReadParams(stage, data["params"]);
        options.Read(stage, data, resolved.Failed);
        if (data["uses"]?.AsText is not null && !data.Contains("cmd") && !resolved.Failed.Contains("uses"))
        {
            new WithReader(catalog, stageNames, findings, AddDep, AddOut).Read(stage, data, resolved.Failed);
        }

        return stage;
    }

    // A broken or misspelt list of outputs.
    private static bool MayNameOuts(string key, DataNode value)
    {
        var isOuts = key is "outs" or "metrics" or "plots";
        return isOuts
            ? value is not DataList list || list.Items.Any(i => i is not DataMap && i.Kind != DataKind.Text)
            : !StageKeys.All.Contains(key) && NearestName.Find(key, StageKeys.All) is "outs" or "metrics" or "plots";
    }

    private static IEnumerable<DataNode> Texts(DataNode? list, ResolvedStage stage, string key) =>
        list is DataList texts && !stage.Failed.Contains(key) ? texts.Items.Where(i => i.Kind == DataKind.Text) : [];

    // A text with several lines is several commands, as in DVC.
    private static void ReadCommand(DvcStage stage, DataMap data) =>
        stage.Command = data["cmd"] switch
        {
            DataList list => [.. list.Items.Select(i => i.AsText).OfType<string>()],
            { AsText: { } text } => [.. text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Where(l => l.Trim().Length > 0)],
            _ => [],
        };

    private void AddDep(DvcStage stage, string path, int line)
    {
        if (LocalPath(path, line, "a dependency", stage))
        {
            var joined = PipelinePath.Join(stage.WorkingDirectory, path);
            if (!stage.Deps.Exists(d => d.Path == joined))
            {
                stage.Deps.Add(new DvcDep(joined, line));
            }
        }
    }

    private void AddOut(DvcStage stage, DvcOut output)
    {
        if (LocalPath(output.Written, output.Line, "an output", stage))
        {
            stage.Outs.Add(output with { Path = PipelinePath.Join(stage.WorkingDirectory, output.Written) });
        }
    }

    // The same path twice in one list is one output with the options of both.
    private void ReadOuts(DvcStage stage, DataNode? list, ArtifactKind kind)
    {
        var byPath = new OrderedDictionary<string, (int Line, List<DataEntry> Options)>(StringComparer.Ordinal);
        foreach (var item in (list as DataList)?.Items ?? [])
        {
            var entries = item switch
            {
                DataMap map => map.Entries.Where(e => e.Key.Kind == DataKind.Text),
                { Kind: DataKind.Text } => [new DataEntry((DataScalar)item, DataMap.Empty)],
                _ => [],
            };
            foreach (var entry in entries)
            {
                var path = entry.Key.AsText!;
                if (!byPath.TryGetValue(path, out var known))
                {
                    byPath[path] = known = (entry.Key.Line, []);
                }

                known.Options.AddRange(
                    entry.Value is DataMap given
                        ? given.Entries
                        : ((entry.Value as DataList)?.Items ?? []).OfType<DataMap>().SelectMany(m => m.Entries)
                );
            }
        }

        foreach (var (path, (line, given)) in byPath)
        {
            var settings = new DataMap(given);
            AddOut(
                stage,
                new DvcOut(path, path, line, kind)
                {
                    Cache = settings["cache"]?.AsBool ?? true,
                    Persist = settings["persist"]?.AsBool ?? false,
                    Description = settings["desc"]?.AsText,
                }
            );
        }
    }

    // A file listed without keys is taken whole, in addition to any keys listed for it.
    private static void ReadParams(DvcStage stage, DataNode? list)
    {
        var files = new OrderedDictionary<string, (List<(string, int)>? Keys, int Line)>(StringComparer.Ordinal);
        var items = (list as DataList)?.Items ?? [];
        var entries = items.SelectMany(item =>
            item switch
            {
                DataMap map => map
                    .Entries.Where(e => e.Key.Kind == DataKind.Text && e.Value is DataList or { IsNull: true })
                    .Select(e => (File: e.Key.AsText!, Keys: KeysOf(e.Value), e.Key.Line)),
                { AsText: { } key } => [(File: "params.yaml", Keys: [(key, item.Line)], item.Line)],
                _ => [],
            }
        );
        foreach (var (file, keys, line) in entries)
        {
            if (!files.TryGetValue(file, out var known))
            {
                files[file] = (keys.Count == 0 ? null : keys, line);
            }
            else if (keys.Count == 0)
            {
                files[file] = (null, line);
            }
            else
            {
                known.Keys?.AddRange(keys);
            }
        }

        foreach (var (file, (keys, line)) in files)
        {
            stage.Params.Add(
                new DvcParams(PipelinePath.Join(stage.WorkingDirectory, file), keys?.DistinctBy(k => k.Item1).ToList() ?? [], line)
            );
        }
    }

    private static List<(string, int)> KeysOf(DataNode value) =>
        [.. ((value as DataList)?.Items ?? []).Where(i => i.Kind == DataKind.Text).Select(i => (i.AsText!, i.Line))];

    private bool LocalPath(string path, int line, string what, DvcStage stage)
    {
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        var wrong =
            path.Trim().Length == 0 ? "is empty"
            : scheme > 0 ? $"is the URL '{path}'"
            : Path.IsPathRooted(path)
            || path.StartsWith("~/", StringComparison.Ordinal)
            || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]))
                ? $"is the absolute path '{path}'"
            : path.Contains('\\', StringComparison.Ordinal) ? $"is '{path}', with a backslash"
            : null;
        if (wrong is null)
        {
            return true;
        }

        findings.Add(
            Errors.Own,
            $"{what} of stage '{stage.Name}' {wrong}",
            line,
            scheme > 0
                ? "Use a file or folder of the workspace. Import the data first (with a stage that downloads it, or a .dvc "
                    + "file) and specify the local path."
                : "Use a path relative to the pipeline's folder, with '/': `data/x.csv`, `../shared/x.csv`."
        );
        return false;
    }
}
