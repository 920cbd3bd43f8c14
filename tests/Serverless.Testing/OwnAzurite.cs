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

    /// <summary>
    /// It comes back at the same ports, so they must not be given away while it is down. Those that the system gives out by itself begin at
    /// 32768: nobody else asks for these.
    /// </summary>
    private static AzuritePorts FreePorts()
    {
        var found = new List<int>();
        while (found.Count < 3)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            if (!found.Contains(port) && IsFree(port))
            {
                found.Add(port);
            }
        }

        return new AzuritePorts(found[0], found[1], found[2]);
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
