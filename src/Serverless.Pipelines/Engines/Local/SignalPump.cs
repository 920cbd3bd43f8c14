using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>Polls the run's partition for signals from other processes.</summary>
internal sealed class SignalPump(RunStore runs, Run run, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly HashSet<string> seen = [];

    /// <summary>Returns the signals since the last call.</summary>
    public async Task<IReadOnlyList<Signal>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new List<Signal>();
        await foreach (var row in runs.Table.QueryAsync(runs.Keys.Experiment(run.ExperimentId), RunKeys.Signals(run.Id), cancellationToken))
        {
            if (seen.Add(row.RowKey))
            {
                try
                {
                    found.Add(row.Read<Signal>());
                }
                catch (Exception e) when (e is JsonException or InvalidDataException)
                {
                    // Not written by this product, and never readable.
                }
            }
        }

        return found;
    }

    /// <summary>Delivers signals until it is stopped.</summary>
    public async Task RunAsync(Action<Signal> deliver, CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, time, stopped);
                foreach (var signal in await ReadAsync(stopped))
                {
                    deliver(signal);
                }
            }
            catch (OperationCanceledException) { }
            catch (ServerlessException)
            {
                // The store does not answer: the journal's writer notices as well and decides whether the run continues.
            }
        }
    }
}
