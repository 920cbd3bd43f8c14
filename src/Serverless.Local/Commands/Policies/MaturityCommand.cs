using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Serverless.Automation.Maturity;
using Serverless.Local.Display;
using Serverless.Storage;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

/// <summary>Assesses how mature a workspace is, from what has happened in it.</summary>
internal static class MaturityCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write the level and its evidence as JSON." };
        var command = new Command("maturity", "Assess the MLOps maturity level (0–3) of this workspace, with evidence and the next step.")
        {
            json,
        }.WithExample("mlops maturity");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var own = host.Workspaces.Get(host.Store.Workspace);
                var report = await new MaturityAssessment(own.Runs, own.Models, own.Policies, own.Rollouts.Rollouts).RunAsync(
                    cancellationToken
                );
                if (parsed.GetValue(json))
                {
                    Terminal.Out.WriteLine(
                        JsonSerializer.Serialize(
                            new
                            {
                                report.Level,
                                report.LevelName,
                                report.Criteria,
                                report.NextStep,
                            },
                            StorageJson.Options
                        )
                    );
                    return 0;
                }

                Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Level {report.Level}: {report.LevelName}."));
                foreach (var criterion in report.Criteria)
                {
                    Terminal.Out.MarkupLine(
                        $"  {(criterion.IsMet ? "[green]yes[/]" : "[red]no [/]")}  {criterion.Level}  {Markup.Escape(criterion.Name)}: "
                            + $"{Markup.Escape(criterion.Evidence)}"
                    );
                }

                if (report.NextStep is { } next)
                {
                    Terminal.Out.WriteLine($"Next: {next.Next}");
                }

                return 0;
            }
        );
        return command;
    }
}
