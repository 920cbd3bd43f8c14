using System.Diagnostics;
using System.Globalization;
using Serverless.Storage.Tables;

namespace Serverless.Local.Azurite;

/// <summary>The process that serves a folder, as a file names it: with its start, for a process id is given out anew some day.</summary>
internal static class AzuriteProcessId
{
    public static string Of(Process process) => string.Create(CultureInfo.InvariantCulture, $"{process.Id} {ProcessStart.Of(process)}");

    /// <summary>Null if it has ended.</summary>
    public static Process? Find(string text)
    {
        var parts = text.Split(' ');
        if (
            !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var id)
            || (
                parts.Length == 2 && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var start)
                    ? !ProcessStart.IsAlive(id, start)
                    : !ProcessStart.IsAlive(id)
            )
        )
        {
            return null;
        }

        try
        {
            var process = Process.GetProcessById(id);
            // A file of an earlier version names no start: only what may be ours is waited for.
            return parts.Length == 2 || process.ProcessName is "node" or "MainThread" ? process : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
