using System.CommandLine;
using Serverless.Core;
using Serverless.Dvc.Projects;
using Serverless.Dvc.Repro;
using Serverless.Local.Commands.Data;
using Serverless.Local.Display;

namespace Serverless.Local.Commands.Projects;

internal static class ReproCommand
{
    private const int MostJobs = 10_000;

    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Stages, dvc.yaml or .dvc files. [default: the dvc.yaml of this folder]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var force = Flag("Run stages even if nothing changed.", "--force", "-f");
        var interactive = Flag("Ask before each stage.", "--interactive", "-i");
        var single = Flag("Run only the targets, without their dependencies.", "--single-item", "-s");
        var pipeline = Flag("Run the whole pipelines that contain the targets.", "--pipeline", "-p");
        var all = Flag("Run all pipelines of the repository.", "--all-pipelines", "-P");
        var recursive = Flag("Run all stages below target folders.", "--recursive", "-R");
        var downstream = Flag("Run the targets and the stages that depend on them.", "--downstream");
        var forceDownstream = Flag("Run all stages that depend on a stage that ran.", "--force-downstream");
        var pull = Flag("Fetch missing data.", "--pull");
        var allowMissing = Flag("Do not run a stage because of missing data.", "--allow-missing");
        var dry = Flag("Show what would run, without running it.", "--dry");
        var keepGoing = Flag("Continue with stages that do not depend on a failed stage.", "--keep-going", "-k");
        var ignoreErrors = Flag("Continue after failures.", "--ignore-errors");
        var glob = Flag("Treat stage names as patterns, such as `train*`.", "--glob");
        var noCommit = Flag("Do not store outputs in the cache.", "--no-commit");
        var noRunCache = Flag("Run a command even if the run cache has its result.", "--no-run-cache");
        var json = Flag("Write the result of each stage and its reasons as JSON. All else goes to standard error.", "--json");
        var quiet = Flag("Write only errors.", "--quiet", "-q");
        var jobs = new Option<int?>("--jobs", "-j") { Description = "Number of stages to run in parallel. [default: the machine's cores]" };
        jobs.MustBe(1, MostJobs);
        var command = new Command("repro", "Run the stages of a dvc.yaml whose command, dependencies, parameters or outputs changed.")
        {
            targets,
            force,
            interactive,
            single,
            pipeline,
            all,
            recursive,
            downstream,
            forceDownstream,
            pull,
            allowMissing,
            dry,
            keepGoing,
            ignoreErrors,
            glob,
            noCommit,
            noRunCache,
            jobs,
            json,
            quiet,
        }.WithExample("mlops repro\nmlops repro train --dry");
        command.Guard(
            async (parsed, cancellationToken) =>
            {
                using var project = Project.Open(Environment.CurrentDirectory);
                var atOnce = parsed.GetValue(jobs) ?? Environment.ProcessorCount;
                var display = new ReproDisplay(parsed.GetValue(json), parsed.GetValue(quiet), atOnce > 1);
                var options = new ReproOptions
                {
                    Targets = parsed.GetValue(targets) ?? [],
                    Force = parsed.GetValue(force),
                    SingleItem = parsed.GetValue(single),
                    Pipeline = parsed.GetValue(pipeline),
                    AllPipelines = parsed.GetValue(all),
                    Recursive = parsed.GetValue(recursive),
                    Downstream = parsed.GetValue(downstream),
                    ForceDownstream = parsed.GetValue(forceDownstream),
                    Pull = parsed.GetValue(pull),
                    AllowMissing = parsed.GetValue(allowMissing),
                    Dry = parsed.GetValue(dry),
                    Glob = parsed.GetValue(glob),
                    NoCommit = parsed.GetValue(noCommit),
                    RunCache = !parsed.GetValue(noRunCache),
                    OnError =
                        parsed.GetValue(ignoreErrors) ? OnError.Ignore
                        : parsed.GetValue(keepGoing) ? OnError.KeepGoing
                        : OnError.Fail,
                    Jobs = atOnce,
                    Confirm = parsed.GetValue(interactive) ? Ask : null,
                    ShareTerminal = !Console.IsOutputRedirected && !parsed.GetValue(json),
                };
                try
                {
                    var result = await Reproduction.RunAsync(project, options, display.Tell, cancellationToken);
                    display.End(result);
                    // With core.autostage, the new locks are staged. All else is up to the user.
                    DataCommand.TellGit(project.Repository!, result.Changed, quiet: true);
                    return result.Error is null ? 0 : throw result.Error;
                }
                catch (ServerlessException e) when (e.Code == ErrorCodes.BadRequest)
                {
                    // A feature that only the platform's own runs support.
                    DataCommand.Error(e);
                    return CommandLine.Usage;
                }
            }
        );
        return command;
    }

    private static Option<bool> Flag(string description, string name, params string[] aliases) =>
        new(name, aliases) { Description = description };

    internal static bool Ask(string question)
    {
        Console.Error.Write($"{question} [y/n] ");
        return Console.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
