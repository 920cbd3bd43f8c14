using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Serverless.Local;

/// <summary>How Azurite is run.</summary>
internal sealed record AzuriteOptions
{
    /// <summary>Data, log and the list of users.</summary>
    public required string Folder { get; init; }

    /// <summary>True: one that answers on the default ports is used as it is.</summary>
    public bool UseDefaultPorts { get; init; } = true;

    /// <summary>Keep nothing on disk.</summary>
    public bool InMemory { get; init; }

    public Action<string> Tell { get; init; } = _ => { };
}

/// <summary>An Azurite that this process uses, with others or alone; it ends after its last user.</summary>
internal sealed class AzuriteServer : IAsyncDisposable
{
    /// <summary>The account and key that every Azurite has, from its documentation.</summary>
    private const string Account =
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly AzuritePaths? paths;

    private AzuriteServer(string connectionString, AzuritePaths? paths, int processId)
    {
        ConnectionString = connectionString;
        this.paths = paths;
        ProcessId = processId;
    }

    public string ConnectionString { get; }

    /// <summary>0 for one that was there already on the default ports.</summary>
    public int ProcessId { get; }

    public static async Task<AzuriteServer> StartAsync(AzuriteOptions options, CancellationToken cancellationToken = default)
    {
        if (options.UseDefaultPorts && await AnswersAsync(10000, 10002, cancellationToken).ConfigureAwait(false))
        {
            options.Tell("Using the Azurite that answers on the default ports.");
            return new AzuriteServer("UseDevelopmentStorage=true", null, 0);
        }

        var paths = new AzuritePaths(options.Folder);
        Directory.CreateDirectory(paths.Users);
        await using var turn = await FileTurn.TakeAsync(Path.Combine(options.Folder, "start.lock"), cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(paths.OwnUser, "", cancellationToken).ConfigureAwait(false);
        var state = paths.Read();
        if (state is null || !await AnswersAsync(state.Blob, state.Table, cancellationToken).ConfigureAwait(false))
        {
            state = await LaunchAsync(options, paths, cancellationToken).ConfigureAwait(false);
        }

        return new AzuriteServer(ConnectionStringOf(state), paths, state.Pid);
    }

    /// <summary>Says that this process needs it no more; the last one waits until it has saved and ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (paths is null)
        {
            return;
        }

        File.Delete(paths.OwnUser);
        if (Directory.EnumerateFiles(paths.Users).Any())
        {
            return;
        }

        try
        {
            using var process = Process.GetProcessById(ProcessId);
            using var limit = new CancellationTokenSource(StopLimit);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or OperationCanceledException or InvalidOperationException)
        {
            // It has ended, or somebody else came in the meantime.
        }
    }

    private static string ConnectionStringOf(AzuriteState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Account};BlobEndpoint=http://127.0.0.1:{state.Blob}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{state.Queue}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{state.Table}/devstoreaccount1;");

    private static async Task<AzuriteState> LaunchAsync(AzuriteOptions options, AzuritePaths paths, CancellationToken cancellationToken)
    {
        var install = await AzuriteInstall.EnsureAsync(options.Tell, cancellationToken).ConfigureAwait(false);
        await EndOfFormerAsync(paths, cancellationToken).ConfigureAwait(false);
        File.Delete(paths.State);
        var data = Path.Combine(options.Folder, "data");
        Directory.CreateDirectory(data);
        string[] arguments =
        [
            install.Launcher, options.Folder, install.Main, "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
            .. options.InMemory ? (string[])["--inMemoryPersistence"] : ["--location", data],
        ];
        // Redirected and left alone: the launcher writes nothing to them, and the terminal's own stay free of it.
        using var process = Process.Start(new ProcessStartInfo("node", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await File.WriteAllTextAsync(paths.ProcessIdFile, process.Id.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        while (paths.Read() is not { } state)
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                var log = File.Exists(paths.Log) ? (await File.ReadAllTextAsync(paths.Log, cancellationToken).ConfigureAwait(false)).Trim() : "";
                throw new ServerlessException(
                    ErrorCodes.Environment, $"Azurite did not start. {log}".TrimEnd(), $"Look into {paths.Log}; remove {options.Folder} to start with an empty store.");
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return paths.Read()!;
    }

    /// <summary>One that is about to end still writes the data that the next one reads.</summary>
    private static async Task EndOfFormerAsync(AzuritePaths paths, CancellationToken cancellationToken)
    {
        if (!File.Exists(paths.ProcessIdFile)
            || !int.TryParse(await File.ReadAllTextAsync(paths.ProcessIdFile, cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture, out var id))
        {
            return;
        }

        try
        {
            using var former = Process.GetProcessById(id);
            // A process id is given out anew some day; only a process that may be ours is waited for.
            if (former.ProcessName is "node" or "MainThread")
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(StopLimit);
                await former.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
        }
    }

    private static async Task<bool> AnswersAsync(int blobPort, int tablePort, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var answers = await Task.WhenAll(
            IsAzuriteAsync(http, blobPort, "Azurite-Blob", cancellationToken),
            IsAzuriteAsync(http, tablePort, "Azurite-Table", cancellationToken)).ConfigureAwait(false);
        return answers.All(a => a);
    }

    private static async Task<bool> IsAzuriteAsync(HttpClient http, int port, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(
                new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/devstoreaccount1")), cancellationToken).ConfigureAwait(false);
            return answer.Headers.Server.ToString().StartsWith(name, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What the launcher wrote when the services listened.</summary>
    internal sealed record AzuriteState(int Pid, int Blob, int Queue, int Table);

    private sealed record AzuritePaths(string Folder)
    {
        private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

        public string Users => Path.Combine(Folder, "users");

        public string OwnUser => Path.Combine(Users, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

        public string State => Path.Combine(Folder, "azurite.json");

        public string ProcessIdFile => Path.Combine(Folder, "azurite.pid");

        public string Log => Path.Combine(Folder, "azurite.log");

        public AzuriteState? Read() => File.Exists(State) ? JsonSerializer.Deserialize<AzuriteState>(File.ReadAllText(State), Json) : null;
    }
}
