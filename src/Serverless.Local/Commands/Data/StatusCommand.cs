using System.CommandLine;
using System.Runtime.CompilerServices;
using Serverless.Data.Operations;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;
using Serverless.Dvc.Repro;

namespace Serverless.Local.Commands.Data;

internal static class StatusCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Tracked files and folders, .dvc files or stages. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Include everything below the given folders." };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON, in DVC's format." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Write nothing. The exit code is 1 if anything changed." };
        var cloud = new CloudStatus();
        var command = cloud.AddTo(new Command("status", "Show changes to tracked data and stages.") { targets, recursive, json, quiet });
        command.WithExample("mlops status\nmlops status -c");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                if (cloud.IsAsked(parsed))
                {
                    return await cloud.RunAsync(
                        repository,
                        parsed,
                        parsed.GetValue(targets) ?? [],
                        parsed.GetValue(recursive),
                        parsed.GetValue(json),
                        parsed.GetValue(quiet),
                        cancellationToken
                    );
                }

                var index = RepositoryIndex.Load(repository, cancellationToken);
                var status = Read(
                    repository,
                    index,
                    parsed.GetValue(targets) ?? [],
                    parsed.GetValue(recursive),
                    cloud.WithDependencies(parsed),
                    cancellationToken
                );
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
                    Console.Out.WriteLine(
                        index.Pointers.Count == 0 && index.StageFolders.Count == 0
                            ? "There are no data or pipelines tracked in this project yet.\nTrack data with `mlops add`. For more, see "
                                + "docs/data.md."
                            : "Data and pipelines are up to date."
                    );
                }

                return 0;
            }
        );
    }

    private static DataMap Read(
        Repository repository,
        RepositoryIndex index,
        string[] targets,
        bool recursive,
        bool withDependencies,
        CancellationToken cancellationToken
    ) =>
        index.StageFolders.Count == 0
            ? new StatusOperation(repository).Run(index, targets, recursive, cancellationToken)
            : ReadStages(targets, recursive, withDependencies);

    // Only stages need the pipeline reader. In a method of its own, it is not loaded before it is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DataMap ReadStages(string[] targets, bool recursive, bool withDependencies)
    {
        using var project = Project.Open(Environment.CurrentDirectory);
        return ProjectStatus.Read(project, targets, withDependencies, recursive);
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
