using System.CommandLine;
using Serverless.Local.Display;
using Serverless.Tracking.Models;
using Spectre.Console;

namespace Serverless.Local.Commands;

internal static class WorkspacesCommand
{
    public static Command Create()
    {
        var command = new Command("workspaces", "Lists workspaces, or makes one.") { CreateNew() }.WithExample(
            "mlops workspaces\nmlops workspaces create team-a"
        );
        command.OnHost(
            async (host, _, cancellationToken) =>
            {
                var table = new Table().Border(TableBorder.Simple).AddColumns("workspace", "made by", "made (UTC)");
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

    /// <summary>Whoever holds the store's credentials is an administrator of it.</summary>
    private static Command CreateNew()
    {
        var name = new Argument<string>("name") { Description = "1 to 60 lower-case letters, digits and '-'." };
        var command = new Command("create", "Makes a workspace.") { name }.WithExample("mlops workspaces create team-a");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var wanted = parsed.GetValue(name)!;
                var made = await host.Workspaces.CreateAsync(wanted, new Actor(Environment.UserName), cancellationToken);
                Terminal.Out.WriteLine(
                    made is null
                        ? $"There is a workspace '{wanted}' already."
                        : $"Made the workspace '{wanted}': clients use http://HOST/w/{wanted}."
                );
                return 0;
            }
        );
        return command;
    }
}
