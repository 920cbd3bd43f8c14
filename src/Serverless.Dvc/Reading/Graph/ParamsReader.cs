using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Reading.Stages;
using Serverless.Dvc.Reading.Templating;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Graph;

/// <summary>Reads the values of a stage's `params`. The whole file is staged for the command, but only the values that the stage lists are
/// part of the cache key.</summary>
internal sealed class ParamsReader(VariableFiles files, OutputIndex outputs, Findings findings)
{
    public void Read(DvcStage stage, OrderedDictionary<string, ArtifactInput> inputs)
    {
        foreach (var file in stage.Params)
        {
            // Written by another stage, so the values are not known yet and the whole file counts.
            if (outputs.Holding(file.File) is { } holder)
            {
                var sub = file.File == holder.Out.Path ? null : file.File[(holder.Out.Path.Length + 1)..];
                inputs.TryAdd(
                    file.File,
                    new ArtifactInput { Path = file.File, From = new ArtifactBinding.TaskOutput(holder.Stage.Name, holder.Out.Path, sub) }
                );
                continue;
            }

            if (Load(stage, file) is not { } values)
            {
                continue;
            }

            inputs.TryAdd(
                file.File,
                new ArtifactInput
                {
                    Path = file.File,
                    From = new ArtifactBinding.Source(file.File),
                    InCacheKey = false,
                }
            );
            Track(stage, file, values);
        }
    }

    private void Track(DvcStage stage, DvcParams file, DataMap values)
    {
        var prefix = file.File == "params.yaml" ? "" : file.File + ":";
        if (file.Keys.Count == 0)
        {
            foreach (var entry in values.Entries)
            {
                stage.Tracked[prefix + PythonText.Str(entry.Key)] = PythonJson.ToElement(entry.Value);
            }

            return;
        }

        var missing = new List<(string Key, int Line)>();
        foreach (var (key, line) in file.Keys)
        {
            if (ParamsFile.Find(values, key) is { } value)
            {
                stage.Tracked[prefix + key] = PythonJson.ToElement(value);
            }
            else
            {
                missing.Add((key, line));
            }
        }

        if (missing.Count > 0)
        {
            findings.Add(
                Errors.MissingParams,
                $"Parameters '{string.Join(", ", missing.Select(m => m.Key))}' are missing from '{file.File}'.",
                missing[0].Line,
                missing.Select(m => Suggestion(m.Key, values)).OfType<string>().FirstOrDefault()
                    ?? $"Define them in '{file.File}', or remove them from `params` of stage '{stage.Name}'."
            );
        }
    }

    private static string? Suggestion(string key, DataMap values)
    {
        var point = key.LastIndexOf('.');
        var map = point < 0 ? values : ParamsFile.Find(values, key[..point]) as DataMap;
        return map is not null && NearestName.Find(key[(point + 1)..], map.TextKeys) is { } near
            ? $"Did you mean '{key[..(point + 1)]}{near}'?"
            : null;
    }

    private DataMap? Load(DvcStage stage, DvcParams file)
    {
        if (Directory.Exists(files.FullPath(file.File)))
        {
            findings.Add(Errors.MissingParams, $"'{file.File}' is a directory, expected a parameters file", file.Line, "Specify a file.");
            return null;
        }

        if (!File.Exists(files.FullPath(file.File)))
        {
            findings.Add(
                Errors.MissingDependency,
                $"dependency '{file.File}' does not exist: stage '{stage.Name}' reads parameters from it",
                file.Line,
                "Create it, or remove it from `params`."
            );
            return null;
        }

        try
        {
            if (files.Read(file.File) is DataMap values)
            {
                return values;
            }

            findings.Add(
                Errors.ParamsFile,
                $"'{file.File}' contains no parameters: expected a dictionary",
                file.Line,
                "Use `name: value` lines."
            );
        }
        catch (ServerlessException broken)
        {
            findings.Add(Errors.ParamsFile, broken);
        }

        return null;
    }
}
