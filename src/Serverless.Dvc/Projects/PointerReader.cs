using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Data.Yaml;
using Serverless.Dvc.Files;

namespace Serverless.Dvc.Projects;

/// <summary>Reads a .dvc file as a stage of DVC's graph.</summary>
internal sealed class PointerReader(StagePaths paths, IProjectFiles files)
{
    public RepoStage Read(string file)
    {
        var shown = StagePaths.Relative(paths.Here, file);
        var node = YamlReader.Parse(TextFile.Decode(files.Read(file), shown), shown);
        var map =
            node as DataMap
            ?? (node.IsNull ? DataMap.Empty : throw ServerlessException.Invalid($"'{shown}' validation failed: expected a dictionary"));
        var folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, map["wdir"]?.AsText ?? "."));
        var stage = new RepoStage(file, null, folder)
        {
            Paths = paths,
            Command = map["cmd"] is { IsNull: false } command ? command : null,
            Frozen = map["frozen"]?.AsBool == true || map["locked"]?.AsBool == true,
            AlwaysChanged = map["always_changed"]?.AsBool == true,
            Pointer = map,
        };
        foreach (var item in Maps(map["deps"]))
        {
            var path = item["path"]?.AsText ?? "";
            var isElsewhere = item["repo"] is DataMap || item["db"] is DataMap || RepoStageReader.IsAddress(path);
            stage.Deps.Add(
                new StageDep(stage, path, RepoStageReader.Full(folder, path), new OutputEntry(item)) { IsElsewhere = isElsewhere }
            );
        }

        foreach (var item in Maps(map["outs"]))
        {
            var path = item["path"]?.AsText ?? "";
            stage.Outs.Add(
                new StageOut(stage, path, RepoStageReader.Full(folder, path), new OutputEntry(item))
                {
                    UseCache = item["cache"]?.AsBool ?? true,
                    Persist = item["persist"]?.AsBool ?? false,
                    Metric = item["metric"] is { } metric && metric.AsBool != false,
                    Plot = item["plot"] switch
                    {
                        DataMap plot => plot,
                        { AsBool: true } => DataMap.Empty,
                        _ => null,
                    },
                    IsElsewhere = RepoStageReader.IsAddress(path),
                }
            );
        }

        return stage;
    }

    private static IEnumerable<DataMap> Maps(DataNode? list) => ((list as DataList)?.Items ?? []).OfType<DataMap>();
}
