using Serverless.Pipelines.Engines.Local;

namespace Serverless.Local.Display;

/// <summary>Displays the progress of a run. Events arrive on any thread.</summary>
internal interface IRunDisplay : IAsyncDisposable
{
    void On(RunEvent happened);
}
