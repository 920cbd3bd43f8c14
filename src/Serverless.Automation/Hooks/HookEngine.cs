using System.Security.Cryptography;
using System.Text;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Storage;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Hooks;

/// <summary>The dependencies of webhooks. Each host creates its own.</summary>
public sealed record HookEngineOptions
{
    public required Store Store { get; init; }

    public required RunStore Runs { get; init; }

    public required ModelRegistry Registry { get; init; }

    public required ComponentCatalog Catalog { get; init; }

    public required GithubClient Github { get; init; }

    /// <summary>Folder for a commit's files while its pipelines are read.</summary>
    public required string WorkRoot { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public int Parallelism { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Called after a run was recorded as scheduled, possibly more than once.</summary>
    public Func<Run, CancellationToken, Task> Submitted { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Receives messages about transient failures.</summary>
    public Action<string> Tell { get; init; } = _ => { };
}

/// <summary>
/// Processes deliveries from the push to the report: starts the pipelines of the mappings and reports their results to the commit.
/// Every step can be repeated: run IDs follow from the delivery, a status replaces itself, and a comment carries a mark.
/// </summary>
public sealed class HookEngine(HookEngineOptions options)
{
    /// <summary>At one attempt per minute or slower, this tolerates an hour without GitHub.</summary>
    private const int MostFailures = 60;

    /// <summary>The trigger recorded for runs that a push started.</summary>
    internal const string Trigger = "git";

    private readonly HookStore hooks = new(options.Store, options.Time);
    private readonly RunSubmitter submitter = new(options.Store, options.Runs, options.Time);

    /// <summary>Processes all open deliveries.</summary>
    /// <returns>True while a delivery is open.</returns>
    public async Task<bool> WorkAsync(CancellationToken cancellationToken)
    {
        var isBusy = false;
        foreach (var (delivery, etag) in await hooks.ListOpenAsync(cancellationToken))
        {
            var next = delivery;
            try
            {
                next = delivery.State == DeliveryState.Received ? await StartAsync(delivery, cancellationToken) : delivery;
                next = next.State == DeliveryState.Started ? await ReportAsync(next, cancellationToken) : next;
            }
            catch (ServerlessException e)
            {
                options.Tell($"Delivery {delivery.Id}: {e.Message}");
                next = delivery with { Failures = delivery.Failures + 1, Note = e.Message };
                next = e.IsRetryable && next.Failures < MostFailures ? next : next with { State = DeliveryState.Done };
            }

            isBusy |= next.State != DeliveryState.Done;
            if (!ReferenceEquals(next, delivery))
            {
                // Another host was faster and has done the same.
                await hooks.SaveAsync(next, etag, cancellationToken);
            }
        }

        return isBusy;
    }

    private async Task<HookDelivery> StartAsync(HookDelivery delivery, CancellationToken cancellationToken)
    {
        var push = delivery.Push;
        var mappings = (await hooks.ListMappingsAsync(cancellationToken)).Where(m => m.Matches(push)).ToList();
        if (mappings.Count == 0)
        {
            return delivery with
            {
                State = DeliveryState.Done,
                Note = $"No webhook mapping matches {push.Repository}, branch {push.Branch} and the changed files.",
            };
        }

        var folder = Path.Combine(options.WorkRoot, "hook-" + Ids.NewId()[..12]);
        Directory.CreateDirectory(folder);
        try
        {
            await options.Github.DownloadAsync(push.Repository, push.Sha, folder, cancellationToken);
            var runs = new List<HookRun>();
            foreach (var mapping in mappings)
            {
                runs.Add(await StartAsync(delivery, mapping, folder, cancellationToken));
            }

            return delivery with
            {
                State = DeliveryState.Started,
                Runs = runs,
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<HookRun> StartAsync(HookDelivery delivery, HookMapping mapping, string folder, CancellationToken cancellationToken)
    {
        var push = delivery.Push;
        var hook = new HookRun(mapping, RunIdOf(delivery.Id, mapping.Name));
        try
        {
            var document = DvcYaml.Read(Path.Combine(folder, mapping.Pipeline), options.Catalog);
            var champion = mapping.Model is { } model
                ? await options.Registry.GetLatestAsync(model, Stage.Production, cancellationToken)
                : null;
            var run = await submitter.SubmitAsync(
                document,
                new SubmitOptions
                {
                    RunId = hook.RunId,
                    User = push.Pusher ?? "github",
                    Parallelism = options.Parallelism,
                    Tags = new Dictionary<string, string>
                    {
                        [RunStarter.TriggerTag] = Trigger,
                        [RunStarter.WhyTag] = $"Push to {push.Branch} of {push.Repository}.",
                        [RunStarter.EventTag] = delivery.Id,
                        ["mlflow.source.git.commit"] = push.Sha,
                        ["mlflow.source.git.branch"] = push.Branch,
                        ["mlflow.source.git.repoURL"] = $"https://github.com/{push.Repository}",
                    },
                },
                cancellationToken
            );
            await options.Submitted(run, cancellationToken);
            await SetStatusAsync(push, mapping, "pending", $"Run {run.Id[..8]} is in progress.", cancellationToken);
            return hook with { Champion = champion?.Version };
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            var found =
                e.Diagnostics.Count == 0
                    ? e.Message
                    : string.Join(
                        " ",
                        e.Diagnostics.Select(d => d.ToString().Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))
                    );
            await SetStatusAsync(push, mapping, "error", found, cancellationToken);
            return hook with { Error = found, IsReported = true };
        }
    }

    private async Task<HookDelivery> ReportAsync(HookDelivery delivery, CancellationToken cancellationToken)
    {
        var runs = new List<HookRun>();
        foreach (var hook in delivery.Runs)
        {
            var run = hook.IsReported ? null : await options.Runs.FindAsync(hook.RunId, cancellationToken);
            runs.Add(run is { IsEnded: true } ? await ReportAsync(delivery, hook, run, cancellationToken) : hook);
        }

        var isDone = runs.All(r => r.IsReported);
        return isDone || !runs.SequenceEqual(delivery.Runs)
            ? delivery with
            {
                Runs = runs,
                State = isDone ? DeliveryState.Done : DeliveryState.Started,
            }
            : delivery;
    }

    private async Task<HookRun> ReportAsync(HookDelivery delivery, HookRun hook, Run run, CancellationToken cancellationToken)
    {
        Run? champion = null;
        ModelVersion? registered = null;
        if (hook.Mapping.Model is { } model)
        {
            var versions = await options.Registry.ListVersionsAsync(model, cancellationToken);
            registered = versions.FirstOrDefault(v => v.RunId == run.Id);
            champion =
                versions.FirstOrDefault(v => v.Version == hook.Champion)?.RunId is { Length: > 0 } made && made != run.Id
                    ? await options.Runs.FindAsync(made, cancellationToken)
                    : null;
        }

        if (options.Github.MayReport)
        {
            await options.Github.CommentAsync(
                delivery.Push,
                $"<!-- mlops {hook.RunId} -->",
                HookReport.Markdown(hook, run, champion, registered),
                cancellationToken
            );
        }

        await SetStatusAsync(delivery.Push, hook.Mapping, HookReport.StateOf(run), HookReport.Line(run), cancellationToken);
        return hook with { IsReported = true };
    }

    private Task SetStatusAsync(
        GithubPush push,
        HookMapping mapping,
        string state,
        string description,
        CancellationToken cancellationToken
    ) =>
        options.Github.MayReport
            ? options.Github.SetStatusAsync(push, $"mlops/{mapping.Name}", state, description, cancellationToken)
            : Task.CompletedTask;

    private static string RunIdOf(string delivery, string mapping) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"github\n{delivery}\n{mapping}")))[..32];
}
