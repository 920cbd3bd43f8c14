using System.CommandLine;
using Serverless.Automation.Policies;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Local.Commands.Policies;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Serverless.Pipelines.Model;

namespace Serverless.Local.Commands.Runs;

internal static class RunCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("pipeline")
        {
            Description = "Folder with a dvc.yaml, or the file itself.",
            DefaultValueFactory = _ => ".",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON lines: one object per event, then the run." };
        var jobs = new Option<int?>("--jobs", "-j")
        {
            Description = "Number of tasks to run in parallel. [default: the machine's cores, at least 2]",
        };
        jobs.MustBe(1, 10_000);
        var withoutPolicy = new Option<bool>("--no-policy") { Description = "Ignore a policy.yaml beside the pipeline." };
        var command = new Command("run", "Run a pipeline to its end and show the result.") { path, json, jobs, withoutPolicy }.WithExample(
            "mlops run samples/churn"
        );
        command.Guarded(
            async (parsed, cancellationToken) =>
            {
                var at = parsed.GetValue(path)!;
                var folder = Directory.Exists(at) ? at : Path.GetDirectoryName(at) ?? "";
                try
                {
                    // Read it before anything starts: an invalid file fails at once.
                    var document = DvcYaml.Read(at, Components.Catalog);
                    var policy = PolicyBeside(document, parsed.GetValue(withoutPolicy));
                    if (policy is not null)
                    {
                        // A challenger must achieve the same, however the run was started.
                        document = PolicyRulesInPipeline.Apply(
                            new PolicyDesk(null!, null!, Components.Catalog).Check(policy).Policy,
                            document
                        );
                    }

                    await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken);
                    if (policy is not null)
                    {
                        var (revision, isNew) = await PolicyCommand
                            .DeskOf(host)
                            .ApplyAsync(policy, Environment.UserName, cameWithRun: true, cancellationToken);
                        if (isNew)
                        {
                            Terminal.Tell(PolicyCommand.Told(revision, isNew));
                        }
                    }

                    var since = TimeProvider.System.GetUtcNow();
                    var run = await host.Engine.SubmitAsync(document, parsed.GetValue(jobs), goOn: true, cancellationToken);
                    if (run.StartTime < since)
                    {
                        Terminal.Tell($"Continuing the unfinished run {run.Id[..8]}.");
                    }

                    return await RunDriver.DriveAsync(host, run, parsed.GetValue(json), cancellationToken);
                }
                catch (ServerlessException e)
                {
                    throw Terminal.FromHere(e, folder);
                }
            }
        );
        return command;
    }

    /// <summary>Applies a policy beside the pipeline. An invalid policy fails before anything starts.</summary>
    private static string? PolicyBeside(PipelineDocument document, bool without)
    {
        var path = Path.Combine(document.Directory, PolicyDesk.FileName);
        return without || !File.Exists(path) ? null : path;
    }
}
