using Serverless.Pipelines;

namespace Serverless.Local;

/// <summary>Shows a run while it goes on. Events come from any thread.</summary>
internal interface IRunDisplay : IAsyncDisposable
{
    void On(RunEvent happened);
}
