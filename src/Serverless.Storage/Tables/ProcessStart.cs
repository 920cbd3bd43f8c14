using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Serverless.Storage.Tables;

/// <summary>
/// Tells a process from a later one of the same id: by when it started. On Linux that is what the kernel counts since its own
/// start; a time of day, which .NET works out from the clock, comes out different whenever the clock is set.
/// </summary>
public static class ProcessStart
{
    private const long SecondsOfDoubt = 5;

    public static long Of(Process process) =>
        OperatingSystem.IsLinux() ? TicksOf(process.Id) ?? 0 : new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();

    /// <summary>True if a process of that id runs; one that has ended and only waits to be collected does not.</summary>
    public static bool IsAlive(int id)
    {
        if (OperatingSystem.IsLinux())
        {
            return TicksOf(id) is not null;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (Win32Exception)
        {
            return true;
        }
    }

    /// <summary>True if the process of that id is the one that started then, and has not ended.</summary>
    public static bool IsAlive(int id, long start)
    {
        if (OperatingSystem.IsLinux())
        {
            return TicksOf(id) == start;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && Math.Abs(Of(process) - start) <= SecondsOfDoubt;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (Win32Exception)
        {
            // It is there, and another user's.
            return true;
        }
    }

    /// <summary>Field 22 of /proc/id/stat; null if there is no such process or it only waits to be collected.</summary>
    private static long? TicksOf(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The name in parentheses may hold spaces: fields are counted from its end, state is the third.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
