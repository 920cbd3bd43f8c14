using System.CommandLine;
using System.Globalization;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Spectre.Console;

namespace Serverless.Local.Commands.Models;

internal static class ModelsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name")
        {
            Description = "Model to show, with its versions and their history.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("models", "List registered models, or the versions of one.") { name }.WithExample(
            "mlops models\nmlops models churn"
        );
        foreach (var more in ModelTrashCommands.Create())
        {
            command.Add(more);
        }

        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                if (parsed.GetValue(name) is { } one)
                {
                    return await ShowAsync(host, one, cancellationToken);
                }

                var models = await host.Registry.ListAsync(cancellationToken);
                if (models.Count == 0)
                {
                    Terminal.Out.WriteLine("No models yet. Register one with `mlops run samples/churn`.");
                    return 0;
                }

                var table = new Table().Border(TableBorder.Simple).AddColumns("model", "versions", "Production", "updated (UTC)");
                foreach (var model in models)
                {
                    var champion = await host.Registry.GetLatestAsync(model.Name, Tracking.Models.Stage.Production, cancellationToken);
                    table.AddRow(
                        Markup.Escape(model.Name),
                        model.LastVersion.ToString(CultureInfo.InvariantCulture),
                        champion is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"version {champion.Version}"),
                        $"{model.UpdatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}"
                    );
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private static async Task<int> ShowAsync(LocalHost host, string name, CancellationToken cancellationToken)
    {
        var versions = await host.Registry.ListVersionsAsync(name, cancellationToken);
        if (versions.Count == 0)
        {
            throw ServerlessException.NotFound($"Model '{name}' does not exist.", "List the models with `mlops models`.");
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("version", "stage", "run", "digest", "created (UTC)", "description");
        foreach (var version in versions)
        {
            table.AddRow(
                version.Version.ToString(CultureInfo.InvariantCulture),
                version.Stage.ToString(),
                Short(version.RunId),
                Short(version.Digest),
                $"{version.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}",
                Markup.Escape(version.Description ?? "")
            );
        }

        Terminal.Out.Write(table);
        foreach (var entry in await host.Registry.ListAuditAsync(name, cancellationToken))
        {
            var of = entry.Version == 0 ? "model" : string.Create(CultureInfo.InvariantCulture, $"version {entry.Version}");
            var what = entry.What is null ? entry.Action : $"{entry.Action} {entry.What}";
            var change = entry is { From: null, To: null } ? "" : $"  {entry.From ?? "-"} -> {entry.To ?? "-"}";
            Terminal.Out.WriteLine(
                $"  {entry.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {of}  {what}{change}  by "
                    + $"{entry.By}{(entry.Why is null ? "" : ": " + entry.Why)}"
            );
        }

        return 0;
    }

    private static string Short(string? id) => id is { Length: > 0 } ? id[..Math.Min(8, id.Length)] : "-";
}
