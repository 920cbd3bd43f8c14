using Serverless.Core;
using Serverless.Dvc.Reading.Stages;
using Serverless.Dvc.Reading.Templating;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Graph;

/// <summary>Creates tasks from stages and determines the source of each input.</summary>
internal sealed class TaskBuilder(VariableFiles files, OutputIndex outputs, bool isComplete, Findings findings)
{
    // Contents of a folder that are not data.
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal) { ".git", ".hg", ".dvc", ".gitignore", ".dvcignore" };

    public TaskSpec Build(DvcStage stage)
    {
        var inputs = new OrderedDictionary<string, ArtifactInput>(StringComparer.Ordinal);
        if (stage.Frozen)
        {
            foreach (var output in stage.Outs)
            {
                AddFrozen(inputs, output);
            }
        }
        else
        {
            foreach (var dep in stage.Deps)
            {
                AddDep(inputs, stage, dep);
            }

            new ParamsReader(files, outputs, findings).Read(stage, inputs);
            foreach (var output in stage.Outs.Where(o => o.Persist))
            {
                inputs.TryAdd(
                    output.Path,
                    new ArtifactInput
                    {
                        Path = output.Path,
                        From = new ArtifactBinding.Source(output.Path),
                        InCacheKey = false,
                        IsOptional = true,
                    }
                );
            }
        }

        return new TaskSpec
        {
            Name = stage.Name,
            Description = stage.Description,
            Component = ComponentOf(stage),
            Parameters = stage.Frozen ? [] : stage.With,
            Tracked = stage.Tracked.ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal),
            Inputs = [.. inputs.Values],
            Outputs =
            [
                .. stage.Outs.Select(o => new ArtifactOutput
                {
                    Path = o.Path,
                    Kind = o.Kind,
                    Cache = o.Cache,
                    Persist = o.Persist,
                    Description = o.Description,
                }),
            ],
            DependsOn = stage.Frozen ? [] : [.. stage.After.Select(a => a.Stage).Distinct(StringComparer.Ordinal)],
            When = stage.When,
            Finally = stage.Finally,
            Retry = stage.Retry,
            Timeout = stage.Timeout,
            Approval = stage.Approval,
            Resources = stage.Resources,
            // DVC's callback stage: a command without declared dependencies and outputs always runs.
            AlwaysChanged =
                stage.AlwaysChanged
                || (stage.Command.Count > 0 && stage.Deps.Count == 0 && stage.Params.Count == 0 && stage.Outs.Count == 0),
        };
    }

    private static ComponentSpec ComponentOf(DvcStage stage) =>
        stage switch
        {
            { Frozen: true } => new ComponentSpec.Import(),
            { Uses: { } uses } => new ComponentSpec.InProcess(uses),
            _ => new ComponentSpec.Command(stage.Command)
            {
                WorkingDirectory = stage.WorkingDirectory == "." ? "" : stage.WorkingDirectory,
                Environment = stage.Environment,
            },
        };

    private void AddFrozen(OrderedDictionary<string, ArtifactInput> inputs, DvcOut output)
    {
        if (!files.Exists(output.Path))
        {
            findings.Add(
                Errors.MissingData,
                $"missing data 'source': {output.Path}",
                output.Line,
                "A frozen stage does not run. Restore its output in the workspace, or remove `frozen`."
            );
        }

        inputs[output.Path] = new ArtifactInput { Path = output.Path, From = new ArtifactBinding.Source(output.Path) };
    }

    private void AddDep(OrderedDictionary<string, ArtifactInput> inputs, DvcStage stage, DvcDep dep)
    {
        if (outputs.Holding(dep.Path) is { } holder)
        {
            inputs[dep.Path] = From(dep.Path, holder);
        }
        else if (outputs.Inside(dep.Path) is { Count: > 0 } inside)
        {
            foreach (var output in inside)
            {
                inputs[output.Out.Path] = From(output.Out.Path, output);
            }

            AddRest(inputs, dep.Path);
        }
        else if (files.Exists(dep.Path))
        {
            inputs[dep.Path] = new ArtifactInput { Path = dep.Path, From = new ArtifactBinding.Source(dep.Path) };
        }
        else if (isComplete)
        {
            findings.Add(
                Errors.MissingDependency,
                $"dependency '{dep.Path}' does not exist: stage '{stage.Name}' reads it",
                dep.Line,
                FixFor(dep.Path)
            );
        }
    }

    private static ArtifactInput From(string path, (DvcStage Stage, DvcOut Out) output) =>
        new()
        {
            Path = path,
            From = new ArtifactBinding.TaskOutput(
                output.Stage.Name,
                output.Out.Path,
                path == output.Out.Path ? null : path[(output.Out.Path.Length + 1)..]
            ),
        };

    // The folder's content besides the stages' outputs, as as few whole folders as possible.
    private void AddRest(OrderedDictionary<string, ArtifactInput> inputs, string folder)
    {
        var full = new DirectoryInfo(files.FullPath(folder));
        if (!full.Exists)
        {
            return;
        }

        foreach (var entry in full.EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            var path = folder == "." ? entry.Name : $"{folder}/{entry.Name}";
            if (Ignored.Contains(entry.Name) || outputs.Contains(path))
            {
                continue;
            }

            if (entry is DirectoryInfo && outputs.Inside(path).Count > 0)
            {
                AddRest(inputs, path);
            }
            else
            {
                inputs.TryAdd(path, new ArtifactInput { Path = path, From = new ArtifactBinding.Source(path) });
            }
        }
    }

    private string FixFor(string path)
    {
        var tracked = PipelinePath.Parents(path).Prepend(path).FirstOrDefault(p => File.Exists(files.FullPath(p) + ".dvc"));
        if (tracked is not null)
        {
            return $"It is tracked by '{tracked}.dvc': pull it first (dvc pull '{tracked}').";
        }

        var folder = Path.GetDirectoryName(files.FullPath(path));
        var near = Directory.Exists(folder)
            ? NearestName.Find(Path.GetFileName(path), Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)))
            : null;
        var written = NearestName.Find(path, outputs.Paths);
        return near is not null ? $"Did you mean '{PipelinePath.Join(path, "../" + near)}'?"
            : written is not null ? $"Did you mean '{written}', which is an output of a stage?"
            : "Create the file, or make it an output of a stage (`outs`).";
    }
}
