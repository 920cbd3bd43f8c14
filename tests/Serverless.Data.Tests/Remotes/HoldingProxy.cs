using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>
/// Stands between a program and a store, and stops the traffic at a request that the test names: so that the store can be ended exactly in
/// the middle, however fast the machine is.
/// </summary>
internal sealed class HoldingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly int target;
    private readonly Task accepting;
    private byte[] method = [];
    private int left;
    private TaskCompletionSource gate = new();

    /// <param name="target">The store's port on this machine.</param>
    public HoldingProxy(int target)
    {
        this.target = target;
        gate.SetResult();
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    private TaskCompletionSource Held { get; set; } = new();

    /// <summary>Lets so many requests of a method pass; the next ones wait.</summary>
    public void HoldAfter(int count, string requests)
    {
        (left, method) = (count, Encoding.ASCII.GetBytes(requests + " "));
        (gate, Held) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Waits until a request waits.</summary>
    public Task HoldsAsync(MlopsProcess process) =>
        Eventually.HoldsAsync(
            () => Held.Task.IsCompleted || process.HasExited,
            () => $"a request that waits\n{process.Output}\n{process.Error}"
        );

    /// <summary>Everything goes on, to whatever is at the store's port now.</summary>
    public void Release() => gate.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await ended.CancelAsync();
        listener.Dispose();
        await accepting;
        ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(ended.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var store = new TcpClient())
        {
            try
            {
                await store.ConnectAsync(IPAddress.Loopback, target, ended.Token);
                // Either side that ends ends the other one.
                await await Task.WhenAny(
                    ForwardAsync(client.GetStream(), store.GetStream(), isRequest: true),
                    ForwardAsync(store.GetStream(), client.GetStream(), isRequest: false)
                );
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // What a network does; the program at the other end has to see to it.
            }
        }
    }

    private async Task ForwardAsync(NetworkStream from, NetworkStream to, bool isRequest)
    {
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await from.ReadAsync(buffer, ended.Token)) > 0)
        {
            // A connection carries one request after the other, so a new one begins a new read.
            if (isRequest && !gate.Task.IsCompleted && buffer.AsSpan(0, read).StartsWith(method) && Interlocked.Decrement(ref left) < 0)
            {
                Held.TrySetResult();
                await gate.Task.WaitAsync(ended.Token);
            }

            await to.WriteAsync(buffer.AsMemory(0, read), ended.Token);
        }
    }
}
