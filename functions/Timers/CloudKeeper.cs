using Microsoft.Extensions.Logging;
using Serverless.Core;
using Serverless.Functions.Automation;
using Serverless.Functions.Durable;
using Serverless.Functions.Hosting;
using Serverless.Pipelines.Engines.Local;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Timers;

/// <summary>
/// Does the work of a tick in every workspace: evaluates policies and their runs, starts runs whose start was lost, sends lost signals
/// again, and ends runs that the engine gave up, with the reason.
/// </summary>
public sealed class CloudKeeper
{
    private readonly Func<CancellationToken, Task<IReadOnlyList<string>>> workspaces;
    private readonly CloudEngines engines;
    private readonly CloudPolicies policies;
    private readonly ILogger logger;
    private readonly TimeProvider time;

    internal CloudKeeper(
        Func<CancellationToken, Task<IReadOnlyList<string>>> workspaces,
        CloudEngines engines,
        CloudPolicies policies,
        ILogger logger,
        TimeProvider time
    )
    {
        this.workspaces = workspaces;
        this.engines = engines;
        this.policies = policies;
        this.logger = logger;
        this.time = time;
    }

    public async Task TickAsync(CancellationToken cancellationToken)
    {
        // Lost events are rare: the inbox is scanned for them once an hour.
        var isHour = time.GetUtcNow().Minute == 0;
        foreach (var workspace in await workspaces(cancellationToken))
        {
            await GuardAsync(workspace, () => policies.TickAsync(workspace, cancellationToken));
            if (isHour)
            {
                await GuardAsync(workspace, () => policies.SweepAsync(workspace, cancellationToken));
            }

            await GuardAsync(workspace, () => LookAfterAsync(workspace, cancellationToken));
        }
    }

    private async Task LookAfterAsync(string workspace, CancellationToken cancellationToken)
    {
        var engine = engines.Of(workspace);
        foreach (var run in await engine.Runs.ListOpenAsync(cancellationToken))
        {
            await GuardAsync(run.Id, () => LookAfterAsync(workspace, engine, run, cancellationToken));
        }
    }

    private async Task LookAfterAsync(string workspace, LocalEngine engine, Run run, CancellationToken cancellationToken)
    {
        if (run.Status == RunStatus.Running && await engines.Driver.FailureOfAsync(run, cancellationToken) is { } failure)
        {
            CloudLog.Broken(logger, run.Id, failure);
            await engine.EndAsync(
                run,
                new RunError(ErrorCodes.InternalError, $"The engine gave the run up: {failure}", "Continue it with `mlops retry`."),
                cancellationToken
            );
            return;
        }

        await engines.Driver.StartAsync(workspace, run, cancellationToken);
        foreach (var signal in await engine.ListSignalsAsync(run, cancellationToken))
        {
            await engines.Driver.SignalAsync(workspace, run, signal, cancellationToken);
        }
    }

    /// <summary>A failing workspace or run must not affect the others.</summary>
    private async Task GuardAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            CloudLog.Broken(logger, what, e is ServerlessException ? e.Message : e.ToString());
        }
    }
}
