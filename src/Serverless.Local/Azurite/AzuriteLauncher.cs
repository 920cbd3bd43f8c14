using System.Diagnostics;
using System.Globalization;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Local.Azurite;

/// <summary>Finds the Azurite of a folder, or starts one.</summary>
internal static class AzuriteLauncher
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Attaches to the running Azurite, or starts a new one. The caller holds the lock.</summary>
    public static async Task<AzuriteState> AttachAsync(AzuriteOptions options, AzuritePaths paths, CancellationToken cancellationToken)
    {
        var last = paths.Read();
        if (last is not null && await AzuriteProbe.AnswersAsync(last.Blob, last.Table, cancellationToken))
        {
            return last;
        }

        var install = await AzuriteInstall.EnsureAsync(options.Tell, cancellationToken);
        if (await EndOfFormerAsync(options, paths, last, cancellationToken) is { } kept)
        {
            return kept;
        }

        // Users of the killed Azurite still expect it at that address.
        var ports = options.Ports ?? (last is null ? AzuritePorts.Free : new AzuritePorts(last.Blob, last.Queue, last.Table));
        return await LaunchAsync(
            options,
            install,
            paths,
            options.Ports is not null || ports.AreFree ? ports : AzuritePorts.Free,
            cancellationToken
        );
    }

    private static async Task<AzuriteState> LaunchAsync(
        AzuriteOptions options,
        AzuriteInstall install,
        AzuritePaths paths,
        AzuritePorts ports,
        CancellationToken cancellationToken
    )
    {
        File.Delete(paths.State);
        var data = Path.Combine(options.Folder, "data");
        Directory.CreateDirectory(data);
        string[] arguments =
        [
            install.Launcher,
            options.Folder,
            install.Main,
            "--silent",
            "--disableTelemetry",
            "--skipApiVersionCheck",
            "--blobPort",
            Text(ports.Blob),
            "--queuePort",
            Text(ports.Queue),
            "--tablePort",
            Text(ports.Table),
            .. options.InMemory ? (string[])["--inMemoryPersistence"] : ["--location", data],
        ];
        // Redirected but not read: the launcher writes nothing, and the terminal is not shared with it.
        using var process = Process.Start(
            new ProcessStartInfo("node", arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await File.WriteAllTextAsync(paths.ProcessIdFile, AzuriteProcessId.Of(process), cancellationToken);
        var progress = new ProcessProgress(process, options.Tell, "Azurite is loading the store");
        while (paths.Read() is null)
        {
            if (process.HasExited || progress.IsStuck())
            {
                var end = process.HasExited
                    ? $"Azurite ended with exit code {process.ExitCode}."
                    : $"Azurite has done nothing for {ProcessProgress.Patience.TotalSeconds:0} seconds.";
                process.Kill();
                var log = File.Exists(paths.Log) ? (await File.ReadAllTextAsync(paths.Log, cancellationToken)).Trim() : "";
                throw new ServerlessException(
                    ErrorCodes.Environment,
                    $"The local store did not start. {end} {log}".TrimEnd(),
                    $"See {paths.Log}. Keep {options.Folder}: it holds all runs, models and data of this folder."
                );
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return paths.Read()!;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// An Azurite that is stopping still writes the data that the next one reads. It may also keep running because of the new user:
    /// then its state is returned.
    /// </summary>
    private static async Task<AzuriteState?> EndOfFormerAsync(
        AzuriteOptions options,
        AzuritePaths paths,
        AzuriteState? last,
        CancellationToken cancellationToken
    )
    {
        var text = File.Exists(paths.ProcessIdFile) ? await File.ReadAllTextAsync(paths.ProcessIdFile, cancellationToken) : "";
        using var former = AzuriteProcessId.Find(text);
        var progress = former is null ? null : new ProcessProgress(former, options.Tell, "The Azurite of this folder is saving the store");
        while (former is not null && ProcessStart.IsAlive(former.Id))
        {
            if (last is null && paths.Read() is { } kept)
            {
                return kept;
            }

            if (progress!.IsStuck())
            {
                // Two on the same files would write over one another.
                throw new ServerlessException(
                    ErrorCodes.Environment,
                    $"The Azurite of this folder (process {former.Id}) neither answers nor ends.",
                    $"End process {former.Id}, then try again. What it has acknowledged is kept in {paths.Folder}."
                );
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return null;
    }
}
