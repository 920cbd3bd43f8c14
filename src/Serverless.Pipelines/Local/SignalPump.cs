using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Pipelines;

/// <summary>Looks for signals to a run that others left in its partition.</summary>
internal static class SignalPump
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(RunStore runs, Run run, Action<Signal> deliver, TimeProvider time, CancellationToken stopped)
    {
        var seen = new HashSet<string>();
        try
        {
            while (true)
            {
                await foreach (var row in runs.Table.QueryAsync(runs.Keys.Experiment(run.ExperimentId), RunKeys.Signals(run.Id), stopped).ConfigureAwait(false))
                {
                    if (seen.Add(row.RowKey))
                    {
                        deliver(row.Read<Signal>());
                    }
                }

                await Task.Delay(Interval, time, stopped).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (ServerlessException)
        {
            // The store does not answer: the journal's writer meets the same and decides.
        }
    }
}
