using System.Diagnostics;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Local.Azurite;

/// <summary>An Azurite that this process uses, possibly shared with others. It ends after its last user.</summary>
internal sealed class AzuriteServer : IAsyncDisposable
{
    private const int MaxRestarts = 20;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(500);
    private readonly AzuriteOptions options;
    private readonly AzuritePaths? paths;
    private readonly CancellationTokenSource disposed = new();
    private readonly Task watching = Task.CompletedTask;

    private AzuriteServer(string connectionString, AzuriteOptions options, AzuritePaths? paths, int processId)
    {
        ConnectionString = connectionString;
        this.options = options;
        this.paths = paths;
        ProcessId = processId;
        if (options.Restart && paths is not null)
        {
            watching = WatchAsync();
        }
    }

    public string ConnectionString { get; }

    /// <summary>The process ID. 0 for an Azurite that already listened on the default ports.</summary>
    public int ProcessId { get; private set; }

    public static async Task<AzuriteServer> StartAsync(AzuriteOptions options, CancellationToken cancellationToken = default)
    {
        if (options.UseDefaultPorts && await AzuriteProbe.AnswersAsync(10000, 10002, cancellationToken))
        {
            options.Tell("Using the Azurite on the default ports.");
            return new AzuriteServer("UseDevelopmentStorage=true", options, null, 0);
        }

        var paths = new AzuritePaths(options.Folder);
        Directory.CreateDirectory(paths.Users);
        await using var turn = await FileTurn.TakeAsync(Path.Combine(options.Folder, "start.lock"), cancellationToken);
        await File.WriteAllTextAsync(paths.OwnUser, "", cancellationToken);
        try
        {
            var state = await AzuriteLauncher.AttachAsync(options, paths, cancellationToken);
            return new AzuriteServer(state.ConnectionString, options, paths, state.Pid);
        }
        catch
        {
            File.Delete(paths.OwnUser);
            throw;
        }
    }

    /// <summary>Releases the Azurite. The last user waits until it has saved its data and ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (paths is null)
        {
            return;
        }

        await disposed.CancelAsync();
        await watching;
        disposed.Dispose();
        File.Delete(paths.OwnUser);
        if (Directory.EnumerateFiles(paths.Users).Any())
        {
            return;
        }

        // It saves its data and ends, unless another user arrives in the meantime.
        var started = Stopwatch.GetTimestamp();
        while (
            ProcessStart.IsAlive(ProcessId) && Stopwatch.GetElapsedTime(started) < StopLimit && !Directory.EnumerateFiles(paths.Users).Any()
        )
        {
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Restarts Azurite whenever it ends while in use.</summary>
    private async Task WatchAsync()
    {
        try
        {
            for (var i = 0; i < MaxRestarts; i++)
            {
                while (ProcessStart.IsAlive(ProcessId))
                {
                    await Task.Delay(WatchInterval, TimeProvider.System, disposed.Token);
                }

                await using var turn = await FileTurn.TakeAsync(Path.Combine(options.Folder, "start.lock"), disposed.Token);
                var state = await AzuriteLauncher.AttachAsync(options, paths!, disposed.Token);
                ProcessId = state.Pid;
                options.Tell(
                    state.ConnectionString == ConnectionString
                        ? "Azurite had ended and was restarted."
                        : "Azurite had ended and could not be restarted at its address. Restart this host."
                );
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception e) when (e is ServerlessException or IOException)
        {
            options.Tell($"Azurite ended and cannot be restarted: {e.Message}");
        }
    }
}
