using Serverless.Pipelines.Components;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;

namespace Serverless.Pipelines.Execution;

/// <summary>The settings that all tasks share.</summary>
internal sealed record TaskExecutorSettings(
    Store Store,
    ComponentCatalog Catalog,
    IServiceProvider Services,
    string WorkRoot,
    TimeProvider Time
)
{
    /// <summary>Gets whether this is the task's own container, in which its command runs as it is.</summary>
    public bool IsContainer { get; init; }

    /// <summary>Returns what a component may use while it runs an attempt.</summary>
    public ComponentContext ContextOf(TaskCall call, string scratch, TextWriter log) =>
        new()
        {
            Workspace = Store.Workspace,
            RunId = call.RunId,
            ExperimentId = call.ExperimentId,
            Pipeline = call.Pipeline,
            TaskPath = call.Path,
            Attempt = call.Attempt,
            ScratchDirectory = scratch,
            Log = log,
            Time = Time,
            Services = Services,
        };
}
