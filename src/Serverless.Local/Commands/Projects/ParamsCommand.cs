using System.CommandLine;
using Serverless.Dvc.Compare;
using Serverless.Dvc.Projects;
using Serverless.Local.Commands.Data;

namespace Serverless.Local.Commands.Projects;

internal static class ParamsCommand
{
    public static Command Create() => new("params", "Compare the parameters of a project.") { Diff() };

    private static Command Diff()
    {
        var (old, now) = CompareOptions.Revisions();
        var targets = CompareOptions.Targets("parameters");
        var all = new Option<bool>("--all") { Description = "Include unchanged values." };
        var deps = new Option<bool>("--deps") { Description = "Show only parameters that stages depend on." };
        var (json, markdown, noPath) = (CompareOptions.Json(), CompareOptions.Markdown(), CompareOptions.NoPath());
        var command = new Command("diff", "Compare parameters between two revisions, or a revision and the workspace.")
        {
            old,
            now,
            targets,
            all,
            deps,
            json,
            markdown,
            noPath,
        }.WithExample("mlops params diff\nmlops params diff main --json");
        command.Guard(
            (parsed, _) =>
            {
                using var project = Project.Open(Environment.CurrentDirectory, isRequired: false);
                var diff = ValueComparison.Params(
                    project,
                    parsed.GetValue(old)!,
                    parsed.GetValue(now)!,
                    parsed.GetValue(targets) ?? [],
                    parsed.GetValue(all),
                    parsed.GetValue(deps)
                );
                CompareOptions.TellFailed(diff.Failed, "parameters");
                Console.Out.Write(
                    parsed.GetValue(json)
                        ? diff.Json() + "\n"
                        : diff.Text(parsed.GetValue(markdown), !parsed.GetValue(noPath), withDifference: false, precision: null)
                );
                return Task.FromResult(0);
            }
        );
        return command;
    }
}
