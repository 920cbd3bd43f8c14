using System.Text.Json;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Display;

/// <summary>One JSON object per line, for programs.</summary>
internal sealed class JsonDisplay : IRunDisplay
{
    private static readonly Lock Gate = new();

    public static void End(Run run, IReadOnlyList<TaskRecord> tasks) =>
        Write(
            new
            {
                @event = "run",
                run,
                tasks,
            }
        );

    public void On(RunEvent happened) =>
        Write(
            new
            {
                @event = "task",
                run = happened.RunId,
                task = happened.Task,
            }
        );

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Write<T>(T line)
    {
        var text = JsonSerializer.Serialize(line, StorageJson.Options);
        lock (Gate)
        {
            Console.Out.WriteLine(text);
        }
    }
}
