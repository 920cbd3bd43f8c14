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
            Description = "A folder with a dvc.yaml, or the file itself.",
            DefaultValueFactory = _ => ".",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: every event, and the run at the end." };
        var jobs = new Option<int?>("--jobs", "-j")
        {
            Description = "How many tasks run at a time (default: the machine's cores, at least 2).",
        };
        jobs.MustBe(1, 10_000);
        var withoutPolicy = new Option<bool>("--no-policy") { Description = "Leaves a policy.yaml that lies beside the pipeline alone." };
        var command = new Command("run", "Runs a pipeline to its end and shows what came of it.")
        {
            path,
            json,
            jobs,
            withoutPolicy,
        }.WithExample("mlops run samples/churn");
        command.Guarded(
            async (parsed, cancellationToken) =>
            {
                var at = parsed.GetValue(path)!;
                var folder = Directory.Exists(at) ? at : Path.GetDirectoryName(at) ?? "";
                try
                {
                    // Read before anything is started: a wrong file costs no waiting.
                    var document = DvcYaml.Read(at, Components.Catalog);
                    var policy = PolicyBeside(document, parsed.GetValue(withoutPolicy));
                    if (policy is not null)
                    {
                        // What a challenger must show is the same whoever starts the run.
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
                        Terminal.Tell($"Going on with the run {run.Id[..8]}, which was left unfinished.");
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

    /// <summary>A policy that lies beside the pipeline comes with it; one that is wrong is told before anything starts.</summary>
    private static string? PolicyBeside(PipelineDocument document, bool without)
    {
        var path = Path.Combine(document.Directory, PolicyDesk.FileName);
        return without || !File.Exists(path) ? null : path;
    }
}
