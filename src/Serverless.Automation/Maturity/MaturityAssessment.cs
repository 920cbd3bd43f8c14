using System.Globalization;
using Serverless.Automation.Hooks;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Policies.Records;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Maturity;

/// <summary>
/// Assesses maturity by what has happened: runs, versions, triggers and rollouts. Configuration that was never used is not evidence.
/// </summary>
public sealed class MaturityAssessment(RunStore runs, ModelRegistry registry, PolicyStore policies, RolloutStore rollouts)
{
    /// <summary>The number of newest runs that show what is in use.</summary>
    private const int Looked = 500;

    public async Task<MaturityReport> RunAsync(CancellationToken cancellationToken = default)
    {
        var recent = (await runs.ListAsync(Looked, cancellationToken)).Where(r => r.Status == RunStatus.Finished).ToList();
        var serving = new List<(ModelVersion Version, AuditEntry? Promotion)>();
        var retrained = new List<(string Model, Run Run, string Kind)>();
        var endings = new List<Rollout>();
        var planned = new List<string>();
        foreach (var model in await registry.ListAsync(cancellationToken))
        {
            if (await registry.GetLatestAsync(model.Name, Stage.Production, cancellationToken) is { } version)
            {
                var audit = await registry.ListAuditAsync(model.Name, cancellationToken);
                serving.Add((version, audit.FirstOrDefault(a => a.Version == version.Version && a.To == nameof(Stage.Production))));
            }

            endings.AddRange(
                (await rollouts.ListAsync(model.Name, cancellationToken)).Where(r =>
                    r.Champion is not null && r.State is (RolloutState.Promoted or RolloutState.RolledBack)
                )
            );
        }

        foreach (var state in await policies.ListAsync(cancellationToken))
        {
            var revision = await policies.GetRevisionAsync(state.Model, state.Revision, cancellationToken);
            var policy = PolicyReader.Read(revision.Text, revision.File);
            planned.AddRange(policy.Rollout is null ? [] : [state.Model]);
            var observing = policy
                .Triggers.Where(t => t.Kind is DriftTrigger.KindName or PerformanceTrigger.KindName or NewDataTrigger.KindName)
                .ToDictionary(t => t.Name, t => t.Kind);
            retrained.AddRange(
                recent
                    .Where(r => r.Tags.TryGetValue(RunStarter.TriggerTag, out var trigger) && observing.ContainsKey(trigger))
                    .Select(r => (state.Model, r, observing[r.Tags[RunStarter.TriggerTag]]))
            );
        }

        return new MaturityReport([
            Pipelines(recent),
            Reproducible(recent),
            Registered(serving, recent),
            Git(recent),
            Compared(serving),
            Retrains(retrained),
            RollsBack(endings, planned),
        ]);
    }

    private static MaturityCriterion Pipelines(List<Run> recent) =>
        new(
            1,
            "pipelines run",
            recent.Count > 0,
            recent.Count > 0
                ? $"{recent.Count} of the newest runs succeeded, most recently {Short(recent[0])} on {Day(recent[0])}."
                : "No pipeline run has succeeded.",
            "Describe the steps in a dvc.yaml and run it with `mlops run`."
        );

    private static MaturityCriterion Reproducible(List<Run> recent)
    {
        var tracked = recent.Count(r => r.Pipeline?.DefinitionDigest is { Length: > 0 } && r.Metrics.Count > 0);
        return new MaturityCriterion(
            1,
            "runs are tracked and reproducible",
            tracked > 0,
            tracked > 0
                ? $"{tracked} of {recent.Count} runs record metrics, and the digests of their pipeline and data."
                : "No run records both metrics and the digests of its pipeline and data.",
            "List the metrics files in dvc.yaml (`metrics:`), so that each run records them."
        );
    }

    private static MaturityCriterion Registered(List<(ModelVersion Version, AuditEntry? Promotion)> serving, List<Run> recent)
    {
        var made = serving.Where(s => s.Version.RunId is { Length: > 0 } id && recent.Any(r => r.Id == id)).ToList();
        return new MaturityCriterion(
            1,
            "production versions come from a pipeline",
            made.Count > 0,
            made.Count > 0
                ? string.Join(" ", made.Select(s => $"{Name(s.Version)} was created by run {s.Version.RunId![..8]}."))
                : "No version in production was created by a pipeline run.",
            "Register the model in the pipeline, with the component `register`."
        );
    }

    private static MaturityCriterion Git(List<Run> recent)
    {
        var pushed = recent.Where(r => r.Tags.GetValueOrDefault(RunStarter.TriggerTag) == HookEngine.Trigger).ToList();
        return new MaturityCriterion(
            2,
            "Git starts pipelines",
            pushed.Count > 0,
            pushed.Count > 0
                ? $"{pushed.Count} runs were started by a push, most recently for commit {pushed[0].Tags["mlflow.source.git.commit"][..8]}."
                : "No run was started by a push.",
            "Point the repository's webhook at /hooks/github and define what it starts with `mlops hooks apply`."
        );
    }

    private static MaturityCriterion Compared(List<(ModelVersion Version, AuditEntry? Promotion)> serving)
    {
        var explained = serving.Where(s => s.Promotion?.Why is { Length: > 0 }).ToList();
        return new MaturityCriterion(
            2,
            "comparisons decide promotions",
            explained.Count > 0,
            explained.Count > 0
                ? string.Join(" ", explained.Select(s => $"{Name(s.Version)}: {s.Promotion!.Why}"))
                : "No version in production has a recorded reason.",
            "Compare and promote in the pipeline, with the components `compare` and `promote`."
        );
    }

    private static MaturityCriterion Retrains(List<(string Model, Run Run, string Kind)> retrained) =>
        new(
            3,
            "observations start retraining",
            retrained.Count > 0,
            retrained.Count > 0
                ? string.Join(
                    " ",
                    retrained
                        .GroupBy(r => (r.Model, r.Kind))
                        .Select(g =>
                            $"{g.Key.Model}: {g.Count()} runs by {g.Key.Kind}, most recently {Short(g.First().Run)} "
                            + $"on {Day(g.First().Run)}."
                        )
                )
                : "No run was started by drift, a metric drop or new data.",
            "Apply a policy with a `drift` or `performance` trigger, with `mlops policy apply`."
        );

    private static MaturityCriterion RollsBack(List<Rollout> endings, List<string> planned)
    {
        var back = endings.Count(r => r.State == RolloutState.RolledBack);
        return new MaturityCriterion(
            3,
            "versions roll out in steps and roll back automatically",
            endings.Count > 0,
            endings.Count > 0 ? $"{endings.Count} rollouts were completed under test, {back} of them rolled back."
                : planned.Count > 0 ? $"{string.Join(", ", planned)} would be rolled out in steps, but no rollout has been completed yet."
                : "No rollout has been completed under test.",
            "Add a `rollout` with steps to the policy."
        );
    }

    private static string Name(ModelVersion version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version.Name} version {version.Version}");

    private static string Short(Run run) => run.Id[..8];

    private static string Day(Run run) => run.StartTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
