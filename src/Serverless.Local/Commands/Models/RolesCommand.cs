using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Models;

internal static class RolesCommand
{
    public static Command Create()
    {
        var command = new Command("roles", "Manage roles and their members.").WithExample("mlops roles\nmlops roles set owner alice bob");
        command.OnHost(
            async (host, _, cancellationToken) =>
            {
                var roles = await host.Own.Roles.ListAsync(cancellationToken);
                foreach (var role in roles)
                {
                    Terminal.Out.WriteLine($"{role.Name}: {string.Join(", ", role.Members)}");
                }

                if (roles.Count == 0)
                {
                    Terminal.Out.WriteLine("No roles yet: anyone may approve in any role. Assign one with `mlops roles set owner alice`.");
                }

                return 0;
            }
        );

        var name = new Argument<string>("role");
        var members = new Argument<string[]>("member")
        {
            Description = "Member to add. Omit to clear the role.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var set = new Command("set", "Set the members of a role.") { name, members }.WithExample("mlops roles set owner alice bob");
        set.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var given = parsed.GetValue(members) ?? [];
                await host.Own.Roles.SetAsync(parsed.GetValue(name)!, given, cancellationToken);
                Terminal.Out.WriteLine(
                    given.Length == 0 ? $"{parsed.GetValue(name)}: no members." : $"{parsed.GetValue(name)}: {string.Join(", ", given)}"
                );
                return 0;
            }
        );
        command.Add(set);
        return command;
    }
}
