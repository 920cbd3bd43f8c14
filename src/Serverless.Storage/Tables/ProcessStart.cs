using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Serverless.Storage.Tables;

/// <summary>
/// Distinguishes a process from a later one with the same id by its start time. On Linux this is the kernel's count since boot; the time
/// of day that .NET derives from the clock changes whenever the clock is set.
/// </summary>
public static class ProcessStart
{
    private const long SecondsOfDoubt = 5;

    public static long Of(Process process) =>
        OperatingSystem.IsLinux() ? TicksOf(process.Id) ?? 0 : new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();

    /// <summary>Returns true if a process with that id is running. A zombie does not count.</summary>
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

    /// <summary>Returns true if the process with that id started at that time and has not ended.</summary>
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
            // It exists and belongs to another user.
            return true;
        }
    }

    /// <summary>Reads field 22 of /proc/id/stat. Returns null if the process does not exist or is a zombie.</summary>
    private static long? TicksOf(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The name in parentheses may contain spaces: fields are counted from its end, and the state is the third.
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
