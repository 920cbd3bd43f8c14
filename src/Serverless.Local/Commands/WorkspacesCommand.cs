using System.CommandLine;
using Serverless.Local.Display;
using Serverless.Tracking.Models;
using Spectre.Console;

namespace Serverless.Local.Commands;

internal static class WorkspacesCommand
{
    public static Command Create()
    {
        var command = new Command("workspaces", "List workspaces, or create one.") { CreateNew() }.WithExample(
            "mlops workspaces\nmlops workspaces create team-a"
        );
        command.OnHost(
            async (host, _, cancellationToken) =>
            {
                var table = new Table().Border(TableBorder.Simple).AddColumns("workspace", "created by", "created (UTC)");
                foreach (var record in await host.Workspaces.ListAsync(cancellationToken))
                {
                    table.AddRow(
                        Markup.Escape(record.Name),
                        Markup.Escape(record.CreatedBy),
                        record.CreatedAt == default ? "" : $"{record.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}"
                    );
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    /// <summary>The command line acts as an administrator: it holds the store's credentials.</summary>
    private static Command CreateNew()
    {
        var name = new Argument<string>("name") { Description = "Workspace name: 1 to 60 lower-case letters, digits and '-'." };
        var command = new Command("create", "Create a workspace.") { name }.WithExample("mlops workspaces create team-a");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var wanted = parsed.GetValue(name)!;
                var made = await host.Workspaces.CreateAsync(wanted, new Actor(Environment.UserName), cancellationToken);
                Terminal.Out.WriteLine(
                    made is null
                        ? $"Workspace '{wanted}' already exists."
                        : $"Created workspace '{wanted}'. Its URL for clients is http://HOST/w/{wanted}."
                );
                return 0;
            }
        );
        return command;
    }
}
