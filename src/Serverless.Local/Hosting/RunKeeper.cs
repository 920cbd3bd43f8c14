using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Pipelines.Engines.Local;

namespace Serverless.Local.Hosting;

/// <summary>Continues runs that no host drives, such as those of a host that died.</summary>
internal sealed class RunKeeper(LocalEngine engine, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Task> driven = new();
    private readonly SemaphoreSlim woken = new(0);

    /// <summary>Called when a run of this host has ended.</summary>
    public Action Ended { get; set; } = () => { };

    /// <summary>Wakes the service because a run was submitted.</summary>
    public void Wake() => woken.Release();

    public async Task RunAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                foreach (var run in await engine.Runs.ListOpenAsync(stopped))
                {
                    _ = driven.GetOrAdd(run.Id, _ => DriveAsync(run, stopped));
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (ServerlessException e)
            {
                KeeperLog.Unavailable(logger, e.Message);
            }

            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            await Task.WhenAny(Task.Delay(Interval, time, turn.Token), woken.WaitAsync(turn.Token));
            await turn.CancelAsync();
        }

        await Task.WhenAll(driven.Values);
    }

    private async Task DriveAsync(Tracking.Runs.Run run, CancellationToken stopped)
    {
        // Returns to the loop before anything is awaited.
        await Task.Yield();
        try
        {
            if (await engine.DriveAsync(run, null, stopped) is { } ended)
            {
                KeeperLog.Ended(logger, run.Id, run.Name, ended.Status.ToString());
                Ended();
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception e)
        {
            // A failing run must not affect the others.
            KeeperLog.Failed(logger, run.Id, e is ServerlessException ? e.Message : e.ToString());
        }
        finally
        {
            driven.TryRemove(run.Id, out _);
        }
    }
}

internal static partial class KeeperLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Id} of {Name} ended: {Status}")]
    public static partial void Ended(ILogger logger, string id, string name, string status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Id} cannot continue on this host: {Error}")]
    public static partial void Failed(ILogger logger, string id, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Rollout(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot look for open runs: {Error}")]
    public static partial void Unavailable(ILogger logger, string error);
}
