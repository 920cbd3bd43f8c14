using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;
using Serverless.Dvc.Reading.Graph;
using Serverless.Dvc.Reading.Resolving;
using Serverless.Dvc.Reading.Schema;
using Serverless.Dvc.Reading.Stages;
using Serverless.Dvc.Reading.Templating;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading;

/// <summary>The result of reading a dvc.yaml, including findings.</summary>
internal sealed class DvcReading
{
    private DvcReading(Findings findings) => Findings = findings;

    public Findings Findings { get; }

    /// <summary>Gets the stages with variables substituted, in DVC's order.</summary>
    public IReadOnlyList<ResolvedStage> Stages { get; private set; } = [];

    /// <summary>Gets the pipeline; null if there were findings.</summary>
    public PipelineDocument? Document { get; private set; }

    public static DvcReading Of(string path, ComponentCatalog catalog)
    {
        var full = Path.GetFullPath(path);
        full = Directory.Exists(full) ? Path.Combine(full, DvcYaml.FileName) : full;
        var name = Path.GetFileName(full);
        if (!File.Exists(full))
        {
            throw ServerlessException.Invalid(
                $"There is no pipeline file at '{path}'.",
                $"Specify a folder with a {DvcYaml.FileName}, or the file itself."
            );
        }

        var reading = new DvcReading(new Findings(name));
        var directory = Path.GetDirectoryName(full)!;
        if (Parse(full, name) is DataMap document)
        {
            reading.Read(document, directory, catalog);
        }
        else
        {
            reading.Findings.Add(Errors.Validation, "expected a dictionary", 1, "Add `stages:` with the stages below it.");
        }

        return reading;
    }

    private static DataNode Parse(string full, string name)
    {
        var node = YamlReader.Parse(TextFile.Read(full, name), name);
        return node.IsNull ? DataMap.Empty : node;
    }

    private void Read(DataMap document, string directory, ComponentCatalog catalog)
    {
        var good = new DocumentSchema(Findings).Check(document);
        var files = new VariableFiles(directory);
        var resolver = new DvcResolver(document, files, DvcConfig.CommandStyle(directory), Findings);
        Stages = resolver.Resolve();
        var names = Stages.Select(s => s.Name).ToList();
        var schema = new StageSchema(Findings);
        var reader = new StageReader(catalog, names, Findings);
        var stages = new List<DvcStage>();
        foreach (var resolved in Stages)
        {
            // Errors of the file itself were already reported. This finds the errors caused by variables.
            if (good.Contains(resolved.Group))
            {
                CheckResolved(schema, resolved);
            }

            stages.Add(reader.Read(resolved));
        }

        var parameters = Parameters(files);
        var when = new WhenReader(stages, parameters, resolver.HasUnknownStages, Findings);
        stages.ForEach(when.Read);

        var outputs = new OutputIndex(stages, Findings);
        new StageGraph(stages, outputs).Check(Findings);
        var isComplete = !resolver.HasUnknownStages && !stages.Exists(s => s.HasUnknownOuts);
        var builder = new TaskBuilder(files, outputs, isComplete, Findings);
        var tasks = stages.Select(builder.Build).ToList();
        if (Findings.All.Count == 0)
        {
            Document = new PipelineDocument(
                new PipelineSpec
                {
                    Name = new DirectoryInfo(directory).Name,
                    Graph = new GraphSpec { Tasks = tasks },
                    Parameters = parameters.Entries.ToDictionary(
                        e => PythonText.Str(e.Key),
                        e => PythonJson.ToElement(e.Value),
                        StringComparer.Ordinal
                    ),
                    Warnings =
                        tasks.Count == 0 ? [.. resolver.Warnings, "the file has no stages, so there is nothing to run"] : resolver.Warnings,
                },
                directory,
                Sources(tasks, directory)
            )
            {
                Definitions = [.. files.Names.Prepend(Findings.File).Distinct(StringComparer.Ordinal)],
            };
        }
    }

    private void CheckResolved(StageSchema schema, ResolvedStage stage)
    {
        var data = new DataMap([.. stage.Data.Entries.Where(e => !stage.Failed.Contains(PythonText.Str(e.Key)))], stage.Data.Line);
        var place = new Place($"data['stages']['{stage.Name}']", $"stage '{stage.Name}'");
        schema.CheckValues(place, data);
    }

    // An unreadable params.yaml was already reported with the variables.
    private static DataMap Parameters(VariableFiles files)
    {
        try
        {
            return files.Exists("params.yaml") ? files.Read("params.yaml") as DataMap ?? DataMap.Empty : DataMap.Empty;
        }
        catch (ServerlessException)
        {
            return DataMap.Empty;
        }
    }

    private static List<SourceFile> Sources(IEnumerable<TaskSpec> tasks, string directory) =>
        [
            .. tasks
                .SelectMany(t => t.Inputs)
                .Where(i => i.From is ArtifactBinding.Source)
                .GroupBy(i => ((ArtifactBinding.Source)i.From).Path, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new SourceFile(g.Key, PipelinePath.Full(directory, g.Key), g.All(i => i.IsOptional))),
        ];
}
