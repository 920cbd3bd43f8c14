using System.Collections.Concurrent;
using Serverless.Pipelines.Engines.Local;

namespace Serverless.Functions.Durable;

/// <summary>The engine of each workspace. It records runs, and Durable Functions drives them.</summary>
public sealed class CloudEngines
{
    private readonly ConcurrentDictionary<string, LocalEngine> open = new(StringComparer.Ordinal);
    private readonly Func<string, LocalEngine> make;

    internal CloudEngines(Func<string, LocalEngine> make, DurableDriver driver)
    {
        this.make = make;
        Driver = driver;
    }

    internal DurableDriver Driver { get; }

    public LocalEngine Of(string workspace) => open.GetOrAdd(workspace, make);
}
