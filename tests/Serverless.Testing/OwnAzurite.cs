using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Serverless.Local;

namespace Serverless.Testing;

/// <summary>An Azurite of a test's own, with its data on disk, that is ended and started again at the same address.</summary>
public sealed class OwnAzurite(string folder) : IAsyncDisposable
{
    private readonly AzuritePorts ports = FreePorts();
    private AzuriteServer? server;

    public string ConnectionString => server!.ConnectionString;

    public int BlobPort => ports.Blob;

    public async Task StartAsync() => server = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder, UseDefaultPorts = false, Ports = ports });

    /// <summary>It saves and ends; whoever talks to it is cut off.</summary>
    public async Task EndAsync()
    {
        using var process = Process.GetProcessById(server!.ProcessId);
        MlopsProcess.Signal(process.Id, MlopsProcess.Terminate);
        await process.WaitForExitAsync();
    }

    public ValueTask DisposeAsync() => server is null ? ValueTask.CompletedTask : server.DisposeAsync();

    private static AzuritePorts FreePorts()
    {
        var listeners = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var numbers = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Dispose());
        return new AzuritePorts(numbers[0], numbers[1], numbers[2]);
    }
}
