using System.Diagnostics;
using System.Globalization;
using Serverless.Core;

namespace Serverless.Dvc.Repro;

/// <summary>
/// Allows one reproduction at a time in a repository, and ends processes that an earlier, killed one left running, because they would
/// write into new outputs.
/// </summary>
internal sealed class RunningStages : IDisposable
{
    private readonly string folder;
    private readonly FileStream? turn;

    private RunningStages(string folder, FileStream? turn)
    {
        this.folder = folder;
        this.turn = turn;
    }

    public static RunningStages Open(string temporaryFolder, string root)
    {
        var folder = Path.Combine(temporaryFolder, "repro");
        Directory.CreateDirectory(folder);
        if (Environment.GetEnvironmentVariable("DVC_ROOT") == root && Environment.GetEnvironmentVariable("DVC_STAGE") is not null)
        {
            // The command of a stage that reproduces other stages: it shares the lock of the outer reproduction.
            return new RunningStages(folder, null);
        }

        FileStream turn;
        try
        {
            turn = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw ServerlessException.Conflict(
                "Another `mlops repro` is running in this repository."
                    + (e.Message.Contains("used by another process", StringComparison.Ordinal) ? "" : $" ({e.Message})"),
                "Wait until it ends."
            );
        }

        var running = new RunningStages(folder, turn);
        running.EndLeftovers();
        return running;
    }

    /// <summary>Registers a process as ours until it ends.</summary>
    public IDisposable Mark(Process process)
    {
        var file = Path.Combine(folder, process.Id.ToString(CultureInfo.InvariantCulture) + ".pid");
        File.WriteAllText(file, StartOf(process.Id) ?? "");
        return new Marked(file);
    }

    public void Dispose() => turn?.Dispose();

    // A process id may be reused; the start time tells the processes apart.
    private static string? StartOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ').ElementAtOrDefault(19);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void EndLeftovers()
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.pid"))
        {
            if (
                int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && StartOf(id) is { } start
                && start == File.ReadAllText(file)
            )
            {
                try
                {
                    using var process = Process.GetProcessById(id);
                    process.Kill(entireProcessTree: true);
                    process.WaitForExit(TimeSpan.FromSeconds(5));
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It has ended meanwhile.
                }
            }

            File.Delete(file);
        }
    }

    private sealed class Marked(string file) : IDisposable
    {
        public void Dispose() => File.Delete(file);
    }
}
