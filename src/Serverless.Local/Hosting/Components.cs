using Serverless.Pipelines;
using Serverless.Training;

namespace Serverless.Local;

/// <summary>The components that this host knows.</summary>
internal static class Components
{
    public static ComponentCatalog Catalog { get; } = new ComponentCatalog().AddTraining();
}
