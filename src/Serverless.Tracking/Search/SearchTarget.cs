namespace Serverless.Tracking.Search;

/// <summary>What is searched. Each of the four accepts its own keys and comparators.</summary>
public enum SearchTarget
{
    Runs,
    Experiments,
    RegisteredModels,
    ModelVersions,
}
