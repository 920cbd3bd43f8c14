using System.CommandLine;
using Serverless.Local.Hosting;
using Serverless.Pipelines.Jobs;
using Serverless.Storage;
using Serverless.Storage.Queues;

namespace Serverless.Local.Commands.Runs;

/// <summary>`mlops task exec`: runs inside a task's container.</summary>
internal static class TaskCommand
{
    public static Command Create()
    {
        var order = new Argument<string>("order") { Description = "Digest of the order that the engine stored." };
        var exec = new Command(
            "exec",
            "Run one attempt of a task in its container: stage inputs, run the command, store outputs, record the result."
        )
        {
            order,
        }.WithExample("mlops task exec 0123456789abcdef0123456789abcdef");
        exec.Guarded(
            async (parsed, cancellationToken) =>
            {
                var options = StorageOptions.FromEnvironment();
                var store = await Store.OpenAsync(options, cancellationToken);
                var work = Directory.CreateTempSubdirectory("mlops-task-");
                try
                {
                    var launcher = new TaskLauncher(
                        store,
                        work.FullName,
                        TimeProvider.System,
                        Console.Out,
                        EventQueue.Of(options, EventQueue.Jobs)
                    );
                    return await launcher.RunAsync(parsed.GetRequiredValue(order), cancellationToken) ? 0 : CommandLine.Failed;
                }
                finally
                {
                    WorkFolders.Remove(work.FullName);
                }
            }
        );
        return new Command("task", "Run tasks inside containers. Used by the engine.") { exec };
    }
}
