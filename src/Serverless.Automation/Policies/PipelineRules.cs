using System.Text.Json;
using Serverless.Automation.Policies.Document;
using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Automation.Policies;

/// <summary>Checks a policy against its pipeline.</summary>
internal static class PipelineRules
{
    private static readonly string[] Registering = ["register", "compare"];

    public static void Check(TrainingPolicy policy, PipelineDocument pipeline, string folder, string file)
    {
        var findings = new List<Diagnostic>();
        findings.AddRange(Paths(policy, [.. pipeline.Sources.Select(s => s.Path)], file));
        findings.AddRange(Model(policy, pipeline, file));
        foreach (var trigger in policy.Triggers.OfType<DriftTrigger>())
        {
            if (trigger.Reference.Path is { } reference && !File.Exists(Path.Combine(folder, reference)))
            {
                findings.Add(
                    new Diagnostic(
                        file,
                        trigger.Line,
                        $"The reference '{reference}' does not exist.",
                        "Name a file in the policy's folder, or use `champion` for the training data of the version in production."
                    )
                );
            }
        }

        if (policy.Replay is { } replay && !File.Exists(Path.Combine(folder, replay.Data)))
        {
            findings.Add(
                new Diagnostic(file, replay.Line, $"The replay file '{replay.Data}' does not exist.", "Name a file in the policy's folder.")
            );
        }

        ThrowIfAny(findings, file);
    }

    /// <summary>The paths under `data` must be paths that the pipeline reads.</summary>
    public static void CheckPaths(TrainingPolicy policy, IReadOnlyList<string> sources, string file)
    {
        var findings = Paths(policy, sources, file).ToList();
        foreach (
            var reference in policy
                .Triggers.OfType<DriftTrigger>()
                .Select(t => t.Reference.Path)
                .OfType<string>()
                .Where(r => !sources.Contains(r))
                .Distinct(StringComparer.Ordinal)
        )
        {
            findings.Add(
                new Diagnostic(
                    file,
                    0,
                    $"The reference '{reference}' was not stored with the policy.",
                    "Apply the policy from its folder: `mlops policy apply FILE`."
                )
            );
        }

        ThrowIfAny(findings, file);
    }

    private static IEnumerable<Diagnostic> Paths(TrainingPolicy policy, IReadOnlyList<string> sources, string file) =>
        policy
            .Data.Where(d => !sources.Contains(d.Path))
            .Select(d => new Diagnostic(
                file,
                d.Line,
                $"The pipeline does not read '{d.Path}', the path of dataset '{d.Dataset}'.",
                PolicySection.Nearest(d.Path, sources) ?? $"It reads: {string.Join(", ", sources)}."
            ));

    /// <summary>A pipeline that registers another model would retrain that model.</summary>
    private static IEnumerable<Diagnostic> Model(TrainingPolicy policy, PipelineDocument pipeline, string file)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in pipeline.Spec.Graph.Tasks)
        {
            if (
                task.Component is ComponentSpec.InProcess component
                && Registering.Contains(component.Uses)
                && task.Parameters.GetValueOrDefault("name")
                    is ParameterBinding.Constant { Value: { ValueKind: JsonValueKind.String } name }
            )
            {
                named.Add(name.GetString()!);
            }
        }

        return named.Count == 0 || named.Contains(policy.Model)
            ? []
            :
            [
                new Diagnostic(
                    file,
                    policy.ModelLine,
                    $"The pipeline registers {string.Join(", ", named.Select(n => $"'{n}'"))}, not '{policy.Model}'.",
                    "Correct `model` or `pipeline`."
                ),
            ];
    }

    private static void ThrowIfAny(List<Diagnostic> findings, string file)
    {
        if (findings.Count > 0)
        {
            throw ServerlessException.Invalid($"'{file}' does not fit its pipeline: nothing was applied.", findings);
        }
    }
}
