using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading;

/// <summary>Reads pipeline files: dvc.yaml by DVC's own rules, plus this product's additional keys.</summary>
public static class DvcYaml
{
    public const string FileName = "dvc.yaml";

    /// <summary>Reads a pipeline with everything it refers to. Reports all errors at once, in the diagnostics of one <see
    /// cref="ServerlessException"/>, before anything runs.</summary>
    /// <param name="path">The file, or the folder that contains a dvc.yaml.</param>
    /// <param name="catalog">The components that `uses` may refer to.</param>
    public static PipelineDocument Read(string path, ComponentCatalog catalog)
    {
        var reading = DvcReading.Of(path, catalog);
        reading.Findings.ThrowIfAny(path);
        return reading.Document!;
    }
}
