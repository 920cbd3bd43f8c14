using System.Diagnostics;
using Serverless.Local.Azurite;

namespace Serverless.Testing;

/// <summary>An Azurite of a test's own, with its data on disk, that is ended and started again at the same address.</summary>
public sealed class OwnAzurite(string folder) : IAsyncDisposable
{
    private const int FirstPort = 16_000;
    private const int Processes = 400;
    private const int PortsOfProcess = 30;
    private static int taken;
    private readonly AzuritePorts ports = FreePorts();
    private AzuriteServer? server;

    public string ConnectionString => server!.ConnectionString;

    public int BlobPort => ports.Blob;

    public async Task StartAsync() =>
        server = await AzuriteServer.StartAsync(
            new AzuriteOptions
            {
                Folder = folder,
                UseDefaultPorts = false,
                Ports = ports,
            }
        );

    /// <summary>It saves and ends; whoever talks to it is cut off.</summary>
    public async Task EndAsync()
    {
        using var process = Process.GetProcessById(server!.ProcessId);
        MlopsProcess.Signal(process.Id, MlopsProcess.Terminate);
        await process.WaitForExitAsync();
    }

    /// <summary>It ends in the middle of what it does, with nothing saved.</summary>
    public async Task KillAsync()
    {
        using var process = Process.GetProcessById(server!.ProcessId);
        process.Kill();
        await process.WaitForExitAsync();
    }

    public ValueTask DisposeAsync() => server is null ? ValueTask.CompletedTask : server.DisposeAsync();

    // Between an end and the next start nobody holds the ports: they lie below those that the system gives to whoever asks for any, and
    // each process of tests has some of its own.
    private static AzuritePorts FreePorts()
    {
        while (true)
        {
            var first =
                FirstPort + (Environment.ProcessId % Processes * PortsOfProcess) + (3 * Interlocked.Increment(ref taken) % PortsOfProcess);
            if (new AzuritePorts(first, first + 1, first + 2) is { AreFree: true } ports)
            {
                return ports;
            }
        }
    }
}
