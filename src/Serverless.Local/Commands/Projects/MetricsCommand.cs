using System.CommandLine;
using Serverless.Dvc.Compare;
using Serverless.Dvc.Projects;
using Serverless.Local.Commands.Data;

namespace Serverless.Local.Commands.Projects;

internal static class MetricsCommand
{
    private const int Digits = 5;

    public static Command Create() => new("metrics", "Show and compare the metrics of a project.") { Show(), Diff() };

    private static Command Show()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Metrics files to show. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var branches = new Option<bool>("--all-branches", "-a") { Description = "Include all branches." };
        var tags = new Option<bool>("--all-tags", "-T") { Description = "Include all tags." };
        var commits = new Option<bool>("--all-commits", "-A") { Description = "Include all commits." };
        var recursive = new Option<bool>("--recursive", "-R")
        {
            Description = "Accepted for compatibility with DVC. Targets may be folders in any case.",
        };
        var (json, markdown, precision) = (CompareOptions.Json(), CompareOptions.Markdown(), CompareOptions.Precision());
        var command = new Command("show", "Show the metrics.")
        {
            targets,
            branches,
            tags,
            commits,
            json,
            markdown,
            precision,
            recursive,
        }.WithExample("mlops metrics show\nmlops metrics show -a --md");
        command.Guard(
            (parsed, _) =>
            {
                using var project = Project.Open(Environment.CurrentDirectory, isRequired: false);
                var choice = new RevisionChoice
                {
                    AllBranches = parsed.GetValue(branches),
                    AllTags = parsed.GetValue(tags),
                    AllCommits = parsed.GetValue(commits),
                };
                var table = MetricsTable.Read(project, choice, parsed.GetValue(targets) ?? []);
                CompareOptions.TellFailed(table.Failed, "metrics");
                Console.Out.Write(
                    parsed.GetValue(json)
                        ? table.Json() + "\n"
                        : table.Text(parsed.GetValue(markdown), parsed.GetValue(precision) ?? Digits)
                );
                return Task.FromResult(0);
            }
        );
        return command;
    }

    private static Command Diff()
    {
        var (old, now) = CompareOptions.Revisions();
        var targets = CompareOptions.Targets("metrics");
        var recursive = new Option<bool>("--recursive", "-R")
        {
            Description = "Accepted for compatibility with DVC. Targets may be folders in any case.",
        };
        var all = new Option<bool>("--all") { Description = "Include unchanged values." };
        var (json, markdown, noPath, precision) = (
            CompareOptions.Json(),
            CompareOptions.Markdown(),
            CompareOptions.NoPath(),
            CompareOptions.Precision()
        );
        var command = new Command("diff", "Compare metrics between two revisions, or a revision and the workspace.")
        {
            old,
            now,
            targets,
            all,
            json,
            markdown,
            noPath,
            precision,
            recursive,
        }.WithExample("mlops metrics diff\nmlops metrics diff v1 v2 --json");
        command.Guard(
            (parsed, _) =>
            {
                using var project = Project.Open(Environment.CurrentDirectory, isRequired: false);
                var diff = ValueComparison.Metrics(
                    project,
                    parsed.GetValue(old)!,
                    parsed.GetValue(now)!,
                    parsed.GetValue(targets) ?? [],
                    parsed.GetValue(all)
                );
                CompareOptions.TellFailed(diff.Failed, "metrics");
                Console.Out.Write(
                    parsed.GetValue(json)
                        ? diff.Json() + "\n"
                        : diff.Text(
                            parsed.GetValue(markdown),
                            !parsed.GetValue(noPath),
                            withDifference: true,
                            parsed.GetValue(precision) ?? Digits
                        )
                );
                return Task.FromResult(0);
            }
        );
        return command;
    }
}
