namespace Serverless.Tracking.Search;

/// <summary>The target of a search. Each has its own keys and comparators.</summary>
public enum SearchTarget
{
    Runs,
    Experiments,
    RegisteredModels,
    ModelVersions,
    LoggedModels,
}
