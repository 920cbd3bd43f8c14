using Serverless.Pipelines.Components;
using Serverless.Training;

namespace Serverless.Local.Hosting;

/// <summary>The components of this host.</summary>
internal static class Components
{
    public static ComponentCatalog Catalog { get; } = new ComponentCatalog().AddTraining();
}
