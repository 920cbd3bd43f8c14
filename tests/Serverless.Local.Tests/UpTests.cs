using System.Net;
using System.Net.Sockets;
using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class UpTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task It_answers_at_the_address_that_it_prints_and_ends_when_told()
    {
        var host = Start("up", "--port", "0");
        await host.SaysAsync("is listening on");
        var address = new Uri(host.Output.Split(' ').Single(w => w.StartsWith("http://127.0.0.1:", StringComparison.Ordinal)));
        using var http = new HttpClient { BaseAddress = address };

        Assert.Equal("OK", await http.GetStringAsync(new Uri("/health", UriKind.Relative)));
        Assert.Matches(@"^\d+\.\d+\.\d+$", await http.GetStringAsync(new Uri("/version", UriKind.Relative)));
        Assert.Contains(await http.GetStringAsync(new Uri("/version", UriKind.Relative)), (await RunAsync("--version")).Output);
        host.Signal(MlopsProcess.Interrupt);
        Assert.Equal(0, (await host.WaitAsync()).ExitCode);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_the_way_out()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var ended = await RunAsync("up", "--port", $"{port}");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains($"Port {port} is in use", ended.Error);
        Assert.Contains("--port", ended.Error);
        Assert.DoesNotContain("   at ", ended.Error);
    }
}
