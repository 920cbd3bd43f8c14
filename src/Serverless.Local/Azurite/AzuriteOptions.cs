using System.Net.NetworkInformation;

namespace Serverless.Local.Azurite;

/// <summary>How Azurite is run.</summary>
internal sealed record AzuriteOptions
{
    /// <summary>Data, log and the list of users.</summary>
    public required string Folder { get; init; }

    /// <summary>True: one that answers on the default ports is used as it is.</summary>
    public bool UseDefaultPorts { get; init; } = true;

    /// <summary>Keep nothing on disk.</summary>
    public bool InMemory { get; init; }

    /// <summary>True: one that ends while it is used is started again, at the same address.</summary>
    public bool Restart { get; init; }

    /// <summary>Where to listen; without it where the last one listened that ended untimely, else on free ports.</summary>
    public AzuritePorts? Ports { get; init; }

    public Action<string> Tell { get; init; } = _ => { };
}

internal sealed record AzuritePorts(int Blob, int Queue, int Table)
{
    public static AzuritePorts Free { get; } = new(0, 0, 0);

    /// <summary>True if nobody listens there.</summary>
    public bool AreFree =>
        !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(l => l.Port == Blob || l.Port == Queue || l.Port == Table);
}
