using System.Collections.Concurrent;
using Serverless.Pipelines;

namespace Serverless.Functions;

/// <summary>The engine of each workspace: it records runs here, and Durable Functions drive them.</summary>
public sealed class CloudEngines
{
    private readonly ConcurrentDictionary<string, LocalEngine> open = new(StringComparer.Ordinal);
    private readonly Func<string, LocalEngine> make;

    internal CloudEngines(Func<string, LocalEngine> make, DurableClientHolder clients, IReadOnlyList<string> names)
    {
        this.make = make;
        Names = names;
        Driver = new DurableDriver(clients);
    }

    /// <summary>The workspaces that the tick looks after.</summary>
    public IReadOnlyList<string> Names { get; }

    internal DurableDriver Driver { get; }

    public LocalEngine Of(string workspace) => open.GetOrAdd(workspace, make);
}
