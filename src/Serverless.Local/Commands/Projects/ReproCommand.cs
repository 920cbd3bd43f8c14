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
            Description = "Stages, dvc.yaml or .dvc files (default: the dvc.yaml of this folder).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var force = Flag("Runs stages even if nothing changed.", "--force", "-f");
        var interactive = Flag("Asks before each stage.", "--interactive", "-i");
        var single = Flag("Only the targets, not what they depend on.", "--single-item", "-s");
        var pipeline = Flag("The whole pipelines that the targets are in.", "--pipeline", "-p");
        var all = Flag("All pipelines of the repository.", "--all-pipelines", "-P");
        var recursive = Flag("Targets may be folders: all stages in them.", "--recursive", "-R");
        var downstream = Flag("The targets and what depends on them.", "--downstream");
        var forceDownstream = Flag("What depends on a stage that ran runs too.", "--force-downstream");
        var pull = Flag("Fetches data that is missing.", "--pull");
        var allowMissing = Flag("Data that is missing does not make a stage run.", "--allow-missing");
        var dry = Flag("Only says what would run.", "--dry");
        var keepGoing = Flag("Goes on with what does not depend on a failed stage.", "--keep-going", "-k");
        var ignoreErrors = Flag("Goes on whatever fails.", "--ignore-errors");
        var glob = Flag("The names of stages are patterns: `train*`.", "--glob");
        var noCommit = Flag("Puts nothing into the cache.", "--no-commit");
        var noRunCache = Flag("Runs a command even if the same ran before.", "--no-run-cache");
        var json = Flag("How each stage came out, and why, as JSON; all else goes to standard error.", "--json");
        var quiet = Flag("Only errors.", "--quiet", "-q");
        var jobs = new Option<int?>("--jobs", "-j") { Description = "How many stages run at a time (default: the machine's cores)." };
        jobs.MustBe(1, MostJobs);
        var command = new Command("repro", "Runs the stages of dvc.yaml whose command, dependencies, parameters or outputs changed.")
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
                    // Whoever asked for it (core.autostage) has the new locks staged; all else is the user's.
                    DataCommand.TellGit(project.Repository!, result.Changed, quiet: true);
                    return result.Error is null ? 0 : throw result.Error;
                }
                catch (ServerlessException e) when (e.Code == ErrorCodes.BadRequest)
                {
                    // What only the platform's own runs do.
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
