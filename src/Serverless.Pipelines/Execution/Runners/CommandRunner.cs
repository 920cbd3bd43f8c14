using System.ComponentModel;
using System.Diagnostics;
using Serverless.Core;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Execution.Runners;

/// <summary>Runs command lines as subprocesses in the task's workspace: each line in a separate shell, as in DVC.</summary>
internal static class CommandRunner
{
    /// <summary>How long to wait for output after a shell has ended, because a background process may keep its pipes open.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    /// <summary>Gets the user's shell, as in DVC.</summary>
    private static string Shell =>
        OperatingSystem.IsWindows() ? "cmd.exe"
        : Environment.GetEnvironmentVariable("SHELL") is { } own && File.Exists(own) ? own
        : "/bin/sh";

    /// <returns>0, or the exit code of the failed line and the line.</returns>
    public static async Task<(int ExitCode, string Line)> RunAsync(
        TaskCall call,
        ComponentSpec.Command command,
        TaskWorkspace workspace,
        TaskLog log,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        foreach (var line in command.Lines)
        {
            log.WriteLine("$ " + line);
            var exitCode = await RunLineAsync(line, call, command, workspace, log, time, cancellationToken);
            if (exitCode != 0)
            {
                log.WriteLine($"exited with {exitCode}");
                return (exitCode, line);
            }
        }

        return (0, "");
    }

    private static async Task<int> RunLineAsync(
        string line,
        TaskCall call,
        ComponentSpec.Command command,
        TaskWorkspace workspace,
        TaskLog log,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo
        {
            FileName = Shell,
            WorkingDirectory = workspace.At(command.WorkingDirectory),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(OperatingSystem.IsWindows() ? "/c" : "-c");
        start.ArgumentList.Add(line);
        start.Environment["DVC_ROOT"] = workspace.Folder;
        start.Environment["DVC_STAGE"] = call.Path;
        start.Environment["MLOPS_RUN_ID"] = call.RunId;
        start.Environment["MLOPS_TASK"] = call.Path;
        start.Environment["PYTHONUNBUFFERED"] = "1";
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"Cannot start the command: {e.Message}.",
                "Make sure that a shell (/bin/sh) exists on this machine.",
                inner: e
            );
        }

        process.StandardInput.Close();
        var output = Task.WhenAll(CopyAsync(process.StandardOutput, log), CopyAsync(process.StandardError, log));
        try
        {
            await ExitAsync(process, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            // Its workspace is deleted next, and its last output goes into the log, so it has to be gone.
            await Task.WhenAny(
                Task.WhenAll(ExitAsync(process, CancellationToken.None), output),
                Task.Delay(Drain, time, CancellationToken.None)
            );
            throw;
        }

        await Task.WhenAny(output, Task.Delay(Drain, time, CancellationToken.None));
        return process.ExitCode;
    }

    /// <summary>Waits for the end of the process itself. WaitForExitAsync would also wait for any process with its pipes.</summary>
    private static async Task ExitAsync(Process process, CancellationToken cancellationToken)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => exited.TrySetResult();
        if (process.HasExited)
        {
            return;
        }

        await exited.Task.WaitAsync(cancellationToken);
    }

    private static async Task CopyAsync(StreamReader reader, TaskLog log)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } text)
            {
                log.WriteLine(text);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The process was killed or left its pipes to another one.
        }
    }
}
