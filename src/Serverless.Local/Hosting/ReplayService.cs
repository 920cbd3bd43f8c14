using Serverless.Api.Hosting;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Replay;
using Serverless.Serving.Rollouts;

namespace Serverless.Local.Hosting;

/// <summary>
/// Replays a file against a model while a rollout of that model is open and its policy has a <c>replay</c> section. Without such a policy
/// it costs no storage operation.
/// </summary>
internal sealed class ReplayService(Uri address, WorkspaceFolder folder, WorkspaceServices workspace, ILogger logger, TimeProvider time)
    : IDisposable
{
    private const int TurnsPerSecond = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(20);
    private readonly HttpClient http = new() { BaseAddress = address };
    private readonly SemaphoreSlim woken = new(0);

    /// <summary>Wakes the service because a run has ended and may have started a rollout.</summary>
    public void Wake() => woken.Release();

    public void Dispose()
    {
        http.Dispose();
        woken.Dispose();
    }

    public async Task RunAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            var wait = IdleInterval;
            try
            {
                foreach (var policy in (await workspace.Engine.ListAsync(stopped)).Where(p => p.Policy.Replay is not null))
                {
                    if (
                        (await workspace.Rollouts.Rollouts.ListOpenAsync(stopped)).Any(r =>
                            r.Model == policy.Policy.Model && r.State == RolloutState.Running
                        )
                    )
                    {
                        await ReplayAsync(policy, stopped);
                        wait = Interval;
                    }
                }
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                PolicyLog.Failed(logger, e is ServerlessException or HttpRequestException ? e.Message : e.ToString());
            }

            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            await Task.WhenAny(Task.Delay(wait, time, turn.Token), woken.WaitAsync(turn.Token));
            await turn.CancelAsync();
        }
    }

    /// <summary>Sends rows until the rollout is over.</summary>
    private async Task ReplayAsync(LoadedPolicy policy, CancellationToken stopped)
    {
        var model = policy.Policy.Model;
        var replay = policy.Policy.Replay!;
        var rows = new RowReplay(http, folder.Prefix, model, await ReadAsync(policy, replay, stopped), replay.Label);
        PolicyLog.Replaying(logger, model, replay.Data, replay.PerSecond);
        var turn = 0;
        while (!stopped.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            await rows.SendAsync(Math.Max(1, replay.PerSecond / TurnsPerSecond), stopped);
            if (
                ++turn % (TurnsPerSecond * 2) == 0
                && !(await workspace.Rollouts.Rollouts.ListOpenAsync(stopped)).Any(r => r.Model == model && r.State == RolloutState.Running)
            )
            {
                return;
            }

            var left = (TimeSpan.FromSeconds(1) / TurnsPerSecond) - time.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, stopped);
            }
        }
    }

    private async Task<ColumnFrame> ReadAsync(LoadedPolicy policy, TrafficReplay replay, CancellationToken stopped)
    {
        var content =
            policy.Pipeline.Sources.GetValueOrDefault(replay.Data)
            ?? throw ServerlessException.NotFound(
                $"The replay file '{replay.Data}' was not stored with the policy.",
                "Apply the policy again from its folder."
            );
        var path = Path.Combine(folder.Work, $"replay-{content.Digest}{Path.GetExtension(replay.Data)}");
        if (!File.Exists(path))
        {
            await workspace.Store.Content.GetAsync(content, path, stopped);
        }

        return await ColumnReader.ReadAsync(path, new ColumnReaderOptions { RequireRows = true }, stopped);
    }
}

/// <summary>The location of a workspace, for a service of this host.</summary>
/// <param name="Prefix">Prefix of its URL paths: empty, or `w/NAME/`.</param>
/// <param name="Work">Folder for files.</param>
internal sealed record WorkspaceFolder(string Prefix, string Work);
