using System.Diagnostics;

namespace Serverless.Local.Azurite;

/// <summary>
/// Whether a process that is waited for still works: a large store takes its time on a busy machine, and only one that uses no
/// processor at all is stuck.
/// </summary>
internal sealed class ProcessProgress(Process process, Action<string> tell, string what)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private readonly long started = Stopwatch.GetTimestamp();
    private long told = Stopwatch.GetTimestamp();
    private long moved = Stopwatch.GetTimestamp();
    private TimeSpan used;

    public bool IsStuck()
    {
        try
        {
            process.Refresh();
            var now = process.TotalProcessorTime;
            if (now - used >= Step)
            {
                (used, moved) = (now, Stopwatch.GetTimestamp());
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended: whoever waits sees that.
            return false;
        }

        if (Stopwatch.GetElapsedTime(told) >= Silence)
        {
            told = Stopwatch.GetTimestamp();
            tell($"{what} ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s) …");
        }

        return Stopwatch.GetElapsedTime(moved) >= Patience;
    }
}
