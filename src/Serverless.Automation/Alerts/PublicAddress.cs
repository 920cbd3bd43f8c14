using System.Net;
using System.Net.Sockets;

namespace Serverless.Automation.Alerts;

/// <summary>
/// Connects to public addresses only. A policy is written by people who may not use the host's own network: an alert must not be their way
/// to the machine itself, its neighbours, or the cloud's metadata service. What counts is the address that is connected to, so
/// that a name which resolves to something else the second time gains nothing.
/// </summary>
internal static class PublicAddress
{
    public const string Setting = "MLOPS_ALERT_PRIVATE_TARGETS";

    private static readonly IPNetwork[] Closed =
    [
        .. (
            (string[])
                [
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "224.0.0.0/3",
                    "::/96",
                    "64:ff9b::/32",
                    "100::/64",
                    "2001::/32",
                    "2002::/16",
                    "fc00::/7",
                    "fe80::/9",
                    "ff00::/8",
                ]
        ).Select(n => IPNetwork.Parse(n)),
    ];

    /// <summary>Why nothing is sent; null for a public address.</summary>
    public static string? WhyNot(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Closed.Any(n => n.Contains(plain))
            ? $"it is a loopback, link-local or private address; the owner of the host can allow those with {Setting}=1"
            : null;
    }

    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        if (addresses.FirstOrDefault(a => WhyNot(a) is not null) is { } closed)
        {
            throw new NotPublicException(WhyNot(closed)!);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal sealed class NotPublicException(string message) : Exception(message);
}
