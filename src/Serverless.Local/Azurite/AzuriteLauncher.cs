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

    /// <summary>The one that runs, or a new one; whoever calls has the turn.</summary>
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

        // Whoever used the one that was killed still looks for it there.
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
        // Redirected and left alone: the launcher writes nothing to them, and the terminal's own stay free of it.
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
                    $"Look into {paths.Log}; remove {options.Folder} to start with an empty store."
                );
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return paths.Read()!;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// One that is about to end still writes the data that the next one reads. It may also have changed its mind because of the
    /// user that came: then it is answered.
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
            // A process id is given out anew some day; only a process that may be ours is waited for.
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
