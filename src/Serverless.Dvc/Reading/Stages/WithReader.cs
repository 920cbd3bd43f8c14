using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Stages;

/// <summary>Reads `uses` and `with`: checks every parameter of the component, and turns its paths into deps and outs.</summary>
internal sealed class WithReader(
    ComponentCatalog catalog,
    IReadOnlyCollection<string> stageNames,
    Findings findings,
    Action<DvcStage, string, int> addDep,
    Action<DvcStage, DvcOut> addOut
)
{
    public void Read(DvcStage stage, DataMap data, IReadOnlySet<string> failed)
    {
        var uses = data["uses"]!.AsText!;
        stage.Uses = uses;
        if (catalog.Find(uses) is not { } component)
        {
            stage.HasUnknownOuts = true;
            var known = catalog.All.Select(c => c.Name).ToList();
            findings.Add(
                Errors.Own,
                $"stage '{stage.Name}' uses '{uses}', which is not a component",
                data["uses"]!.Line,
                NearestName.Hint(uses, known, $"Components: {string.Join(", ", known)}.")
            );
            return;
        }

        if (failed.Contains("with"))
        {
            return;
        }

        var given = data["with"] as DataMap ?? DataMap.Empty;
        var declared = stage.Outs.Count;
        foreach (var entry in given.Entries)
        {
            var name = PythonText.Str(entry.Key);
            if (component.Parameters.FirstOrDefault(p => p.Name == name) is { } parameter)
            {
                Bind(stage, component, parameter, entry.Value, declared);
            }
            else
            {
                var names = component.Parameters.Select(p => p.Name).ToList();
                findings.Add(
                    Errors.Own,
                    $"component '{uses}' of stage '{stage.Name}' has no parameter '{name}'",
                    entry.Key.Line,
                    NearestName.Hint(name, names, names.Count == 0 ? "It has no parameters." : $"Parameters: {string.Join(", ", names)}.")
                );
            }
        }

        foreach (var missing in component.Parameters.Where(p => p.IsRequired && !given.Contains(p.Name)))
        {
            findings.Add(
                Errors.Own,
                $"stage '{stage.Name}' does not set '{missing.Name}', which component '{uses}' requires",
                data.Contains("with") ? data.LineOf("with") : data.LineOf("uses"),
                $"Add `{missing.Name}:` under `with`: "
                    + $"{missing.TypeName}{(missing.Description.Length > 0 ? $" ({missing.Description})" : "")}."
            );
        }
    }

    private void Bind(DvcStage stage, ComponentDescriptor component, ParameterDescriptor parameter, DataNode value, int declared)
    {
        if (
            value is DataMap { Entries: [{ Key.Kind: DataKind.Text } only] }
            && only.Key.AsText == "from"
            && only.Value.AsText is { } source
        )
        {
            BindOutput(stage, parameter, source, only.Value.Line);
            return;
        }

        if (component.CheckValue(parameter.Name, PythonJson.ToElement(value)) is { } wrong)
        {
            stage.HasUnknownOuts |= parameter.Kind is ParameterKind.Output or ParameterKind.Metrics;
            findings.Add(
                Errors.Own,
                $"component '{stage.Uses}' of stage '{stage.Name}': {wrong}",
                value.Line,
                $"Set it to {parameter.TypeName}."
            );
            return;
        }

        switch (parameter.Kind)
        {
            case ParameterKind.Input:
                addDep(stage, value.AsText!, value.Line);
                break;
            case ParameterKind.Inputs:
                foreach (var path in ((DataList)value).Items)
                {
                    addDep(stage, path.AsText!, path.Line);
                }

                break;
            case ParameterKind.Output or ParameterKind.Metrics:
                AddOut(
                    stage,
                    value.AsText!,
                    value.Line,
                    declared,
                    parameter.Kind == ParameterKind.Metrics ? ArtifactKind.Metric : ArtifactKind.Output
                );
                break;
        }

        // The component refers to its files by these names, so they are the names of the task's artifacts.
        stage.With[parameter.Name] = new ParameterBinding.Constant(
            PythonJson.ToElement(
                parameter.Kind switch
                {
                    ParameterKind.Value => value,
                    ParameterKind.Inputs => new DataList([.. ((DataList)value).Items.Select(i => Named(stage, i))]),
                    _ => Named(stage, value),
                }
            )
        );
    }

    private static DataScalar Named(DvcStage stage, DataNode path) =>
        DataScalar.Text(PipelinePath.Join(stage.WorkingDirectory, path.AsText!));

    // `outs` may list it too, to set options.
    private void AddOut(DvcStage stage, string path, int line, int declared, ArtifactKind kind)
    {
        var joined = PipelinePath.Join(stage.WorkingDirectory, path);
        var known = stage.Outs.FindIndex(0, declared, o => o.Path == joined);
        if (known < 0)
        {
            addOut(stage, new DvcOut(path, path, line, kind));
        }
        else if (kind == ArtifactKind.Metric)
        {
            stage.Outs[known] = stage.Outs[known] with { Kind = kind };
        }
    }

    private void BindOutput(DvcStage stage, ParameterDescriptor parameter, string source, int line)
    {
        if (parameter.Kind != ParameterKind.Value)
        {
            stage.HasUnknownOuts |= parameter.Kind is ParameterKind.Output or ParameterKind.Metrics;
            findings.Add(
                Errors.Own,
                $"'{parameter.Name}' of stage '{stage.Name}' is {parameter.TypeName}, which cannot come `from` an output value",
                line,
                "Use the path itself. This stage then depends on the stage that writes the file."
            );
            return;
        }

        if (ConditionName.Split(source.Trim(), stageNames) is not { } split)
        {
            findings.Add(
                Errors.Own,
                $"'{source}' in 'with.{parameter.Name}' of stage '{stage.Name}' is not of the form stage.output",
                line,
                "Use {from: \"stage.output\"}."
            );
            return;
        }

        stage.After.Add((split.Task, line));
        var point = split.Output.IndexOf('.', StringComparison.Ordinal);
        stage.With[parameter.Name] =
            point < 0
                ? new ParameterBinding.TaskOutput(split.Task, split.Output)
                : new ParameterBinding.TaskOutput(split.Task, split.Output[..point]) { Selector = split.Output[(point + 1)..] };
    }
}
