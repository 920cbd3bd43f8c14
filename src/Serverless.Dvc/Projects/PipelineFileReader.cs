using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;
using Serverless.Dvc.Files;
using Serverless.Dvc.Reading;
using Serverless.Dvc.Reading.Resolving;
using Serverless.Dvc.Reading.Schema;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Projects;

/// <summary>Reads a dvc.yaml and the dvc.lock next to it as DVC does.</summary>
internal sealed class PipelineFileReader(StagePaths paths, IProjectFiles files, CommandStyle style)
{
    public PipelineFile Read(string file)
    {
        var shown = StagePaths.Relative(paths.Here, file);
        var findings = new Findings(shown);
        var node = YamlReader.Parse(TextFile.Decode(files.Read(file), shown), shown);
        var document = node.IsNull ? DataMap.Empty : node as DataMap;
        if (document is null)
        {
            findings.Add(Errors.Validation, "expected a dictionary", 1, "Add `stages:` with the stages below it.");
            findings.ThrowIfAny(shown);
        }

        var good = new DocumentSchema(findings).Check(document!);
        var resolver = new DvcResolver(document!, new VariableFiles(Path.GetDirectoryName(file)!, files), style, findings);
        var resolved = resolver.Resolve();
        var schema = new StageSchema(findings);
        foreach (var stage in resolved.Where(s => good.Contains(s.Group)))
        {
            schema.CheckValues(new Place($"data['stages']['{stage.Name}']", $"stage '{stage.Name}'"), stage.Data);
        }

        var locks = ReadLock(Path.ChangeExtension(file, ".lock"));
        var reader = new RepoStageReader(paths, findings);
        var stages = findings.All.Count > 0 ? [] : resolved.Select(s => reader.Read(file, s, locks[s.Name] as DataMap)).ToList();
        findings.ThrowIfAny(shown);
        return new PipelineFile(
            file,
            stages,
            resolved.Where(s => s.Group != s.Name).Select(s => s.Group).ToHashSet(StringComparer.Ordinal),
            Texts(resolver.TopLevel["metrics"]),
            Texts(resolver.TopLevel["params"]),
            [.. resolver.TopLevel["plots"].SelectMany(Plots)]
        );
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<DataNode> items) => [.. items.Select(i => i.AsText).OfType<string>()];

    private static IEnumerable<(string Id, DataMap? Definition)> Plots(DataNode item) =>
        item switch
        {
            DataMap map => map.Entries.Take(1).Select(e => (PythonText.Str(e.Key), e.Value as DataMap)),
            { AsText: { } path } => [(path, null)],
            _ => [],
        };

    private DataMap ReadLock(string file)
    {
        if (!files.FileExists(file))
        {
            return DataMap.Empty;
        }

        var shown = StagePaths.Relative(paths.Here, file);
        var node = YamlReader.Parse(TextFile.Decode(files.Read(file), shown), shown);
        if (node.IsNull)
        {
            return DataMap.Empty;
        }

        if (node is not DataMap map || map["schema"]?.AsText != "2.0" || map["stages"] is not (null or DataMap or { IsNull: true }))
        {
            throw ServerlessException.Invalid(
                $"'{shown}' validation failed",
                [
                    new Diagnostic(
                        shown,
                        node.Line,
                        "this is not a lock file with schema 2.0",
                        $"Restore it from Git, or delete it and run `mlops repro` to write it again."
                    ),
                ]
            );
        }

        return map["stages"] as DataMap ?? DataMap.Empty;
    }
}
