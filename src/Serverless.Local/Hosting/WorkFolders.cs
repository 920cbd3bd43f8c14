using System.Diagnostics;
using System.Globalization;
using System.Text;
using Serverless.Storage.Tables;

namespace Serverless.Local.Hosting;

/// <summary>
/// The work folders of tasks: one per host process, named after it. The next host finds the folder of a killed host, kills the
/// commands that outlived it (they would run beside their successors) and removes the folder.
/// </summary>
internal static class WorkFolders
{
    public static string OfThisProcess(string root)
    {
        using var self = Process.GetCurrentProcess();
        return Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{self.Id}-{ProcessStart.Of(self)}"));
    }

    public static void ClearLeft(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var name = Path.GetFileName(folder).Split('-');
            var isLeft =
                name.Length != 2
                || !int.TryParse(name[0], CultureInfo.InvariantCulture, out var id)
                || !long.TryParse(name[1], CultureInfo.InvariantCulture, out var start)
                || !ProcessStart.IsAlive(id, start);
            if (isLeft)
            {
                EndOrphans(folder);
                Remove(folder);
            }
        }
    }

    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process still writes to the folder or removes it, too: the next host tries again.
        }
    }

    /// <summary>A command and its children have the folder in their environment.</summary>
    private static void EndOrphans(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var mark = Encoding.UTF8.GetBytes("DVC_ROOT=" + folder + "/");
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    if (
                        File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/environ")).AsSpan().IndexOf(mark)
                        >= 0
                    )
                    {
                        process.Kill();
                    }
                }
                catch (Exception e)
                    when (e
                            is IOException
                                or UnauthorizedAccessException
                                or InvalidOperationException
                                or System.ComponentModel.Win32Exception
                    )
                {
                    // It belongs to another user, or has already ended.
                }
            }
        }
    }
}
