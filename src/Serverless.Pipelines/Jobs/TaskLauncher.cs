using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Queues;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Jobs;

/// <summary>
/// Runs one attempt of a task inside its container: stages inputs, runs the command, streams its log, stores outputs and records the
/// result in one transaction. Restarted after a crash, it returns the recorded result or runs the attempt again. A second launcher waits
/// until the first one has ended.
/// </summary>
internal sealed class TaskLauncher(Store account, string workRoot, TimeProvider time, TextWriter console, EventQueue? events = null)
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    /// <param name="digest">The digest of the stored order.</param>
    /// <param name="stopped">Cancelled when the container is asked to stop. Nothing is recorded then.</param>
    /// <returns>True if the task succeeded.</returns>
    public async Task<bool> RunAsync(string digest, CancellationToken stopped)
    {
        var order = JsonSerializer.Deserialize<JobOrder>(await account.Content.ReadAsync(digest, stopped), StorageJson.Options)!;
        var store = order.Workspace == account.Workspace ? account : account.In(order.Workspace);
        var runs = new RunStore(store, time);
        var call = order.Call;
        var partition = runs.Keys.Experiment(call.ExperimentId);
        var key = RunKeys.Lease($"{call.RunId}|{RunKeys.Bounded(call.Path, 100)}|{call.Attempt}|{order.Generation}");
        while (true)
        {
            var journal = new RowJournal(runs, call.ExperimentId, call.RunId, order.Generation) { Stopping = stopped };
            if (await journal.FindAsync(call, stopped) is { } recorded)
            {
                return await TellAsync(order, recorded.Result, "recorded before");
            }

            var (lease, holder) = await Lease.TryAcquireAsync(runs.Table, partition, key, time, cancellationToken: stopped);
            if (lease is null)
            {
                console.WriteLine($"{call.Path}#{call.Attempt} is running on {holder?.Owner}. Waiting for it to end.");
                await Task.Delay(Turn, time, stopped);
                continue;
            }

            await using var writer = new PartitionWriter(runs.Table, lease, time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopped, writer.Lost);
            journal = new RowJournal(runs, call.ExperimentId, call.RunId, order.Generation) { Stopping = ending.Token };
            await journal.FindAsync(call, ending.Token);
            console.WriteLine($"{call.Path}#{call.Attempt} starts for the {(journal.Starts == 1 ? "first" : "next")} time.");
            var executor = new TaskExecutor(
                new TaskExecutorSettings(store, new ComponentCatalog(), Nothing.Instance, workRoot, time) { IsContainer = true }
            );
            var result = await executor.RunAsync(call, journal, _ => { }, ending.Token);
            ending.Token.ThrowIfCancellationRequested();
            return await TellAsync(order, journal.Overtaken?.Result ?? result, "recorded");
        }
    }

    private async Task<bool> TellAsync(JobOrder order, TaskResult result, string how)
    {
        console.WriteLine(
            $"{order.Call.Path}#{order.Call.Attempt} {result.State}{(result.Error is { } error ? $": {error.Message}" : "")} ({how})"
        );
        if (events is not null && order.Waiter is { } waiter)
        {
            try
            {
                await events.SendAsync(JsonSerializer.Serialize(new JobEnded(waiter)));
            }
            catch (ServerlessException e)
            {
                // The waiting orchestration polls anyway.
                console.WriteLine($"Could not send the notification: {e.Message}");
            }
        }

        return result.State == TaskState.Succeeded;
    }

    /// <summary>Commands use no services.</summary>
    private sealed class Nothing : IServiceProvider
    {
        public static Nothing Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
