using System.CommandLine;
using Serverless.Data;
using Serverless.Pipelines;
using Serverless.Pipelines.Repro;

namespace Serverless.Local;

internal static class StatusCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets") { Description = "Tracked files and folders, .dvc files, stages; none: all.", Arity = ArgumentArity.ZeroOrMore };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Everything below the given folders." };
        var withDeps = new Option<bool>("--with-deps", "-d") { Description = "What the given stages depend on, too." };
        var json = new Option<bool>("--json") { Description = "One line of JSON, as DVC writes it." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Say nothing; exit code 1 if anything changed." };
        var command = new Command("status", "Shows what changed since it was recorded.") { targets, recursive, withDeps, json, quiet };
        command.WithExample("mlops status");
        return command.OnRepository((repository, parsed, cancellationToken) =>
        {
            var index = RepositoryIndex.Load(repository, cancellationToken);
            var status = index.StageFolders.Count == 0
                ? new StatusOperation(repository).Run(index, parsed.GetValue(targets) ?? [], parsed.GetValue(recursive), cancellationToken)
                : WithStages(repository, parsed.GetValue(targets) ?? [], parsed.GetValue(withDeps), parsed.GetValue(recursive));
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(PythonJson.Dump(status));
                return 0;
            }

            if (parsed.GetValue(quiet))
            {
                return status.Entries.Count > 0 ? 1 : 0;
            }

            if (status.Entries.Count > 0)
            {
                Show(status, "");
            }
            else
            {
                Console.Out.WriteLine(index.Pointers.Count == 0 && index.StageFolders.Count == 0
                    ? "There are no data or pipelines tracked in this project yet.\n`mlops add` tracks data, docs/data.md tells more."
                    : "Data and pipelines are up to date.");
            }

            return 0;
        });
    }

    // Apart, so that a repository without stages loads nothing of pipelines.
    private static DataMap WithStages(Repository repository, string[] targets, bool withDeps, bool recursive)
    {
        using var project = Project.Of(repository, Environment.CurrentDirectory);
        return ProjectStatus.Read(project, targets, withDeps, recursive);
    }

    private static void Show(DataNode node, string indent)
    {
        switch (node)
        {
            case DataMap map:
                foreach (var entry in map.Entries)
                {
                    var key = PythonText.Str(entry.Key);
                    if (entry.Value.AsText is { } state)
                    {
                        Console.Out.WriteLine($"{indent}{(state + ":").PadRight(20)}{key}");
                    }
                    else
                    {
                        Console.Out.WriteLine($"{indent}{key}:");
                        Show(entry.Value, indent + "\t");
                    }
                }

                break;
            case DataList list:
                foreach (var item in list.Items)
                {
                    Show(item, indent);
                }

                break;
            default:
                Console.Out.WriteLine($"{indent}{PythonText.Str(node)}");
                break;
        }
    }
}
