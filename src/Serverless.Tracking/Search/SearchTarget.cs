namespace Serverless.Tracking.Search;

/// <summary>What is searched. Each of them accepts its own keys and comparators.</summary>
public enum SearchTarget
{
    Runs,
    Experiments,
    RegisteredModels,
    ModelVersions,
    LoggedModels,
}
