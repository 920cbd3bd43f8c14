using Serverless.Pipelines.Engines.Local;

namespace Serverless.Local.Display;

/// <summary>Shows a run while it goes on. Events come from any thread.</summary>
internal interface IRunDisplay : IAsyncDisposable
{
    void On(RunEvent happened);
}
