using System.Diagnostics;

namespace Serverless.Testing;

/// <summary>Waits for what another process does: asks again and again, with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task HoldsAsync(Func<bool> holds, Func<string> what) => HoldsAsync(() => Task.FromResult(holds()), what);

    public static async Task HoldsAsync(Func<Task<bool>> holds, Func<string> what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
            {
                throw new TimeoutException($"It did not come to be: {what()}");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
