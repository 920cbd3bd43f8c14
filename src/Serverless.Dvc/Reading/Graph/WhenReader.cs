using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Reading.Stages;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Graph;

/// <summary>Checks the conditions and the stages referred to in `with`, and adds the resulting dependencies.</summary>
internal sealed class WhenReader(IReadOnlyList<DvcStage> stages, DataMap parameters, bool hasUnknownStages, Findings findings)
{
    private readonly List<string> names = [.. stages.Select(s => s.Name)];

    public void Read(DvcStage stage)
    {
        if (stage.When is { } text)
        {
            try
            {
                foreach (var reference in Condition.Parse(text, names).References)
                {
                    Read(stage, reference);
                }
            }
            catch (ServerlessException wrong)
            {
                findings.Add(Errors.Own, $"'when' of stage '{stage.Name}': {wrong.Message}", stage.WhenLine, wrong.Fix);
            }
        }

        foreach (var (name, line) in stage.After)
        {
            if (!hasUnknownStages && !names.Contains(name))
            {
                var isGroup = stages.FirstOrDefault(s => s.Group == name);
                findings.Add(
                    Errors.Own,
                    isGroup is null
                        ? $"stage '{stage.Name}' refers to '{name}', which is not a stage"
                        : $"stage '{stage.Name}' refers to '{name}', which is a group of stages",
                    line,
                    isGroup is null
                        ? NearestName.Hint(name, names, $"Stages: {string.Join(", ", names)}.")
                        : $"Use one of its stages: {string.Join(", ", stages.Where(s => s.Group == name).Select(s => s.Name))}."
                );
            }
        }
    }

    private void Read(DvcStage stage, ConditionReference reference)
    {
        if (reference.Task is { } task)
        {
            stage.After.Add((task, stage.WhenLine));
        }
        else if (ParamsFile.Find(parameters, reference.Name) is null && parameters[reference.Name] is null)
        {
            findings.Add(
                Errors.Own,
                $"'when' of stage '{stage.Name}' refers to '{reference.Text}', which is not in params.yaml",
                stage.WhenLine,
                NearestName.Hint(reference.Name, parameters.TextKeys, "Define it in params.yaml.")
            );
        }
    }
}
