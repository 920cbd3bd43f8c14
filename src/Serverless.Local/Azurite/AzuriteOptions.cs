using System.Net.NetworkInformation;

namespace Serverless.Local.Azurite;

/// <summary>Options for running Azurite.</summary>
internal sealed record AzuriteOptions
{
    /// <summary>Folder for the data, the log and the list of users.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether to use an Azurite that already listens on the default ports. The default is <see langword="true" />.</summary>
    public bool UseDefaultPorts { get; init; } = true;

    /// <summary>Whether to keep all data in memory only.</summary>
    public bool InMemory { get; init; }

    /// <summary>Whether to restart an Azurite that ends while in use, at the same address.</summary>
    public bool Restart { get; init; }

    /// <summary>Ports to listen on. By default the ports of the previous Azurite if it crashed, else free ports.</summary>
    public AzuritePorts? Ports { get; init; }

    public Action<string> Tell { get; init; } = _ => { };
}

internal sealed record AzuritePorts(int Blob, int Queue, int Table)
{
    public static AzuritePorts Free { get; } = new(0, 0, 0);

    /// <summary>True if nothing listens on these ports.</summary>
    public bool AreFree =>
        !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(l => l.Port == Blob || l.Port == Queue || l.Port == Table);
}
