using System.ComponentModel;
using System.Diagnostics;
using Serverless.Core;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>Runs a stage's command in the work tree: each line in a separate shell, in the stage's folder, as in DVC.</summary>
internal sealed class StageShell(string root, RunningStages running, Action<ReproEvent> tell, bool shareTerminal)
{
    /// <summary>How long to wait for output after a shell has ended, because a background process may keep its pipes open.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    public async Task RunAsync(RepoStage stage, CancellationToken cancellationToken)
    {
        await using var log = new StageLog(root, stage);
        foreach (var line in stage.CommandLines)
        {
            tell(new ReproEvent.Command(stage.Addressing, line));
            log.Write("$ " + line);
            var exitCode = await RunLineAsync(stage, line, log, cancellationToken);
            if (exitCode != 0)
            {
                throw new ServerlessException(ErrorCodes.TaskFailed, $"failed to run: {line}, exited with {exitCode}", status: 500);
            }
        }
    }

    // The user's shell without its settings, which would make a run depend on the user.
    private static ProcessStartInfo Start(string line)
    {
        if (OperatingSystem.IsWindows())
        {
            return new ProcessStartInfo("cmd.exe", ["/c", line]);
        }

        var shell = Environment.GetEnvironmentVariable("SHELL") is { Length: > 0 } own ? own : "/bin/sh";
        IReadOnlyList<string> options = Path.GetFileName(shell).ToLowerInvariant() switch
        {
            "bash" => ["--noprofile", "--norc"],
            "zsh" => ["--no-rcs"],
            "fish" => ["--no-config"],
            _ => [],
        };
        return new ProcessStartInfo(shell, [.. options, "-c", line]);
    }

    private async Task<int> RunLineAsync(RepoStage stage, string line, StageLog log, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(stage.WorkingDirectory))
        {
            throw ServerlessException.Invalid(
                $"the working directory '{stage.Paths.Show(stage.WorkingDirectory)}' does not exist",
                "Create it, or change `wdir`."
            );
        }

        var start = Start(line);
        start.WorkingDirectory = stage.WorkingDirectory;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = !shareTerminal;
        start.Environment["DVC_ROOT"] = Environment.GetEnvironmentVariable("DVC_ROOT") ?? root;
        start.Environment["DVC_STAGE"] = stage.Addressing;
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
                "Make sure that the program in SHELL, or /bin/sh, exists.",
                inner: e
            );
        }

        using var mark = running.Mark(process);
        var output = Task.CompletedTask;
        if (!shareTerminal)
        {
            process.StandardInput.Close();
            output = Task.WhenAll(
                CopyAsync(stage, process.StandardOutput, log, isError: false),
                CopyAsync(stage, process.StandardError, log, isError: true)
            );
        }

        try
        {
            await ExitAsync(process, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await ExitAsync(process, CancellationToken.None)
                .WaitAsync(Drain, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await output.WaitAsync(Drain, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.ExitCode;
    }

    /// <summary>Waits for the end of the process itself. WaitForExitAsync would also wait for any process with its pipes.</summary>
    private static async Task ExitAsync(Process process, CancellationToken cancellationToken)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => exited.TrySetResult();
        if (!process.HasExited)
        {
            await exited.Task.WaitAsync(cancellationToken);
        }
    }

    private async Task CopyAsync(RepoStage stage, StreamReader reader, StageLog log, bool isError)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } text)
            {
                log.Write(text);
                tell(new ReproEvent.Output(stage.Addressing, text, isError));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The process was killed or left its pipes to another one.
        }
    }
}
