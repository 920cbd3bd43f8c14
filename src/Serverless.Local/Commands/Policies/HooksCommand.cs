using System.CommandLine;
using Serverless.Automation.Hooks;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

/// <summary>`mlops hooks`: which pushes start which pipelines.</summary>
internal static class HooksCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Webhook mappings: a YAML file." };
        var apply = new Command("apply", "Replace the webhook mappings with those in a file.") { file }.WithExample(
            "mlops hooks apply hooks.yaml"
        );
        apply.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var path = parsed.GetValue(file)!;
                var mappings = HookReader.Read(await File.ReadAllTextAsync(path, cancellationToken), path);
                await new HookStore(host.Store, TimeProvider.System).ApplyAsync(mappings, cancellationToken);
                Terminal.Out.WriteLine(
                    mappings.Count == 1 ? "1 webhook mapping is active." : $"{mappings.Count} webhook mappings are active."
                );
                return 0;
            }
        );

        var command = new Command("hooks", "Show the webhook mappings: which pushes start which pipelines.") { apply }.WithExample(
            "mlops hooks apply hooks.yaml\nmlops hooks"
        );
        command.OnHost(
            async (host, _, cancellationToken) =>
            {
                var mappings = await new HookStore(host.Store, TimeProvider.System).ListMappingsAsync(cancellationToken);
                if (mappings.Count == 0)
                {
                    Terminal.Out.WriteLine("No webhook mappings yet. Activate some with `mlops hooks apply hooks.yaml`.");
                    return 0;
                }

                var table = new Table()
                    .Border(TableBorder.Simple)
                    .AddColumns("hook", "repository", "branches", "paths", "pipeline", "model");
                foreach (var m in mappings)
                {
                    string[] cells =
                    [
                        m.Name,
                        m.Repository,
                        string.Join(' ', m.Branches),
                        m.Paths.Count == 0 ? "any" : string.Join(' ', m.Paths),
                        m.Pipeline,
                        m.Model ?? "-",
                    ];
                    table.AddRow([.. cells.Select(Markup.Escape)]);
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }
}
