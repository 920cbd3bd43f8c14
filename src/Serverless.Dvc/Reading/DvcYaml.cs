using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading;

/// <summary>Reads pipeline files: dvc.yaml by DVC's own rules, and the keys that DVC does not have.</summary>
public static class DvcYaml
{
    public const string FileName = "dvc.yaml";

    /// <summary>Reads a pipeline with all that it names. Everything wrong is told at once, in the diagnostics of one
    /// <see cref="ServerlessException"/>, before anything runs.</summary>
    /// <param name="path">The file, or the folder that holds a dvc.yaml.</param>
    /// <param name="catalog">The components that `uses` may name.</param>
    public static PipelineDocument Read(string path, ComponentCatalog catalog)
    {
        var reading = DvcReading.Of(path, catalog);
        reading.Findings.ThrowIfAny(path);
        return reading.Document!;
    }
}
