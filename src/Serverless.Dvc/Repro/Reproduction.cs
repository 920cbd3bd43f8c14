using Serverless.Core;
using Serverless.Dvc.Projects;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Dvc.Repro;

/// <summary>Runs `dvc repro` on the platform's own orchestrator: independent stages run in parallel.</summary>
public static class Reproduction
{
    // The keys unknown to DVC that `mlops repro` supports.
    private static readonly string[] Known = ["retry", "timeout", "resources"];

    /// <param name="tell">Receives events, from several threads at once.</param>
    public static async Task<ReproResult> RunAsync(
        Project project,
        ReproOptions options,
        Action<ReproEvent> tell,
        CancellationToken cancellationToken
    )
    {
        var repository = project.Repository!;
        var plan = ReproPlan.Of(project.WorkTree.Index, options);
        CheckKeys(plan);
        using var running = RunningStages.Open(repository.TemporaryFolder, repository.Root);
        var data = new WorkData(repository);
        var record = new StageRecord(data);
        var store = new StageStore(repository, plan.Stages);
        var shell = new StageShell(repository.Root, running, tell, options.ShareTerminal && options.Jobs == 1);
        using var fetch = options is { Pull: true, Dry: false } ? new StageFetch(repository) : null;
        if (fetch is not null && options.RunCache)
        {
            await fetch.RunsAsync(cancellationToken);
        }

        var context = new WorkTreeContext(
            plan,
            new StageWork(data, record, shell, store, fetch, options, tell),
            options,
            tell,
            cancellationToken
        );
        await new OrchestrationThread().RunAsync(() => PipelineOrchestrator.RunAsync(context, Ids.NewId(), "", Definition(plan, options)));
        repository.State.Save();
        var error = ErrorOf(context.Reports, options.OnError);
        if (error is not null || cancellationToken.IsCancellationRequested)
        {
            store.ForgetIgnored();
        }

        store.OrderIgnored();

        cancellationToken.ThrowIfCancellationRequested();
        return new ReproResult(context.Reports, error, error is null ? store.Changed : []);
    }

    private static RunDefinition Definition(ReproPlan plan, ReproOptions options) =>
        new()
        {
            Parallelism = options.Dry || options.Confirm is not null ? 1 : options.Jobs,
            Pipeline = new PipelineSpec
            {
                Name = "repro",
                Graph = new GraphSpec
                {
                    Tasks =
                    [
                        .. plan.Stages.Select(s => new TaskSpec
                        {
                            Name = s.Addressing,
                            Component = new ComponentSpec.Command(s.CommandLines),
                            DependsOn = [.. plan.Before(s).Select(b => b.Addressing)],
                            Retry = s.Retry,
                            Timeout = s.Timeout,
                            Resources = s.Resources,
                            AlwaysChanged = s.AlwaysChanged,
                            IgnoreUpstreamFailure = true,
                        }),
                    ],
                },
            },
        };

    private static void CheckKeys(ReproPlan plan)
    {
        foreach (var stage in plan.Stages)
        {
            var unknown = stage.OwnKeys.Except(Known).ToList();
            if (unknown.Count > 0)
            {
                var names = string.Join(", ", unknown.Select(k => $"`{k}`"));
                throw new ServerlessException(
                    ErrorCodes.BadRequest,
                    $"stage '{stage.Addressing}' has {names}, but `mlops repro` supports only DVC's keys "
                        + $"and {string.Join(", ", Known.Select(k => $"`{k}`"))}.",
                    "Run the whole pipeline with them: `mlops run`."
                );
            }
        }
    }

    private static ServerlessException? ErrorOf(IReadOnlyList<StageReport> reports, OnError onError)
    {
        var failed = reports.Where(r => r.End == StageEnd.Failed).ToList();
        if (failed.Count == 0 || onError == OnError.Ignore)
        {
            return null;
        }

        var names = string.Join(", ", failed.Select(f => $"'{f.Stage}'"));
        return new ServerlessException(
            ErrorCodes.TaskFailed,
            failed is [var one] ? $"failed to reproduce {names}: {one.Error!.Message}" : $"failed to reproduce stages: {names}",
            failed is [var only] ? only.Error!.Fix : string.Join('\n', failed.Select(f => $"{f.Stage}: {f.Error!.Message}")),
            status: 500,
            diagnostics: failed is [var single] ? single.Error!.Diagnostics : []
        );
    }
}
