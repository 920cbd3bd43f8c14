using System.Diagnostics;
using System.Globalization;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Local.Azurite;

/// <summary>Finds the Azurite of a folder, or starts one.</summary>
internal static class AzuriteLauncher
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
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
        if (await EndOfFormerAsync(paths, last, cancellationToken) is { } kept)
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
        await File.WriteAllTextAsync(paths.ProcessIdFile, process.Id.ToString(CultureInfo.InvariantCulture), cancellationToken);
        var started = Stopwatch.GetTimestamp();
        while (paths.Read() is null)
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                process.Kill();
                var log = File.Exists(paths.Log) ? (await File.ReadAllTextAsync(paths.Log, cancellationToken)).Trim() : "";
                throw new ServerlessException(
                    ErrorCodes.Environment,
                    $"Azurite did not start. {log}".TrimEnd(),
                    $"See {paths.Log}. To start with an empty store, remove {options.Folder}."
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
    private static async Task<AzuriteState?> EndOfFormerAsync(AzuritePaths paths, AzuriteState? last, CancellationToken cancellationToken)
    {
        if (
            !File.Exists(paths.ProcessIdFile)
            || !int.TryParse(await File.ReadAllTextAsync(paths.ProcessIdFile, cancellationToken), CultureInfo.InvariantCulture, out var id)
        )
        {
            return null;
        }

        try
        {
            using var former = Process.GetProcessById(id);
            // Process IDs are reused: wait only for a process that may be an Azurite of ours.
            if (former.ProcessName is "node" or "MainThread")
            {
                var started = Stopwatch.GetTimestamp();
                while (ProcessStart.IsAlive(id) && Stopwatch.GetElapsedTime(started) < StopLimit)
                {
                    if (last is null && paths.Read() is { } kept)
                    {
                        return kept;
                    }

                    await Task.Delay(Pause, TimeProvider.System, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException) { }

        return null;
    }
}
