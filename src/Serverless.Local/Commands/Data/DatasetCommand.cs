using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Serverless.Api.Hosting;
using Serverless.Api.Native.Data;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Data.Files;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Local.Commands.Data;

/// <summary>`mlops data …`: the platform's datasets.</summary>
internal static class DatasetCommand
{
    public static Command Create() =>
        new Command("data", "Manage datasets: versions, branches, tags and lineage.")
        {
            List(),
            Versions(),
            Files(),
            Diff(),
            Commit(),
            Get(),
            Tag(),
            Lineage(),
        }.WithExample(
            "mlops data commit raw ./raw -m \"June\"\nmlops data versions raw\nmlops data diff raw 1 main\nmlops data tag raw golden 3"
        );

    private static Command List() =>
        Working(
            new Command("list", "List datasets."),
            async (datasets, _, _, cancellationToken) =>
            {
                foreach (var dataset in await datasets.ListAsync(cancellationToken))
                {
                    Console.Out.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{dataset.Name}  {dataset.LastVersion} versions  {dataset.UpdatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"
                        )
                    );
                }
            }
        );

    private static Command Versions()
    {
        var (name, branch) = (Name(), new Option<string?>("--branch", "-b") { Description = "List only this branch." });
        return Working(
            new Command("versions", "List the versions of a dataset, newest first.") { name, branch },
            async (datasets, _, parsed, cancellationToken) =>
            {
                var dataset = parsed.GetValue(name)!;
                var heads = (await datasets.ListBranchesAsync(dataset, cancellationToken)).ToLookup(b => b.Head, b => b.Name);
                var tags = (await datasets.ListTagsAsync(dataset, cancellationToken)).ToLookup(t => t.Version, t => t.Name);
                foreach (
                    var version in await datasets.ListVersionsAsync(dataset, parsed.GetValue(branch), cancellationToken: cancellationToken)
                )
                {
                    Console.Out.WriteLine(
                        string.Create(
                                CultureInfo.InvariantCulture,
                                $"{version.Number}  {version.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {version.Digest}  "
                                    + $"{version.FileCount} files  "
                                    + $"{string.Join(' ', heads[version.Number].Concat(tags[version.Number]))}  "
                                    + $"{version.Message}{(version.RunId is { } run ? $"  (run {run[..8]})" : "")}"
                            )
                            .TrimEnd()
                    );
                }
            }
        );
    }

    private static Command Files()
    {
        var (name, version) = (Name(), Version());
        var prefix = new Option<string>("--prefix")
        {
            Description = "List only paths that start with this prefix.",
            DefaultValueFactory = _ => "",
        };
        return Working(
            new Command("files", "List the files of a version.") { name, version, prefix },
            async (datasets, _, parsed, cancellationToken) =>
            {
                foreach (
                    var file in (await ListingAsync(datasets, parsed.GetValue(name)!, parsed.GetValue(version)!, cancellationToken)).Files
                )
                {
                    if (file.Path.StartsWith(parsed.GetValue(prefix)!, StringComparison.Ordinal))
                    {
                        Console.Out.WriteLine($"{file.Digest}  {file.Path}");
                    }
                }
            }
        );
    }

    private static Command Diff()
    {
        var (name, from, to) = (
            Name(),
            new Argument<string>("from"),
            new Argument<string>("to") { DefaultValueFactory = _ => DatasetCatalog.MainBranch }
        );
        return Working(
            new Command("diff", "Show the differences between two versions.") { name, from, to },
            async (datasets, _, parsed, cancellationToken) =>
            {
                var before = await ListingAsync(datasets, parsed.GetValue(name)!, parsed.GetValue(from)!, cancellationToken);
                var after = await ListingAsync(datasets, parsed.GetValue(name)!, parsed.GetValue(to)!, cancellationToken);
                var diff = DatasetDiffs.Between(before, after);
                foreach (
                    var line in diff
                        .Added.Select(f => $"A  {f.Path}")
                        .Concat(diff.Removed.Select(f => $"D  {f.Path}"))
                        .Concat(diff.Modified.Select(f => $"M  {f.Path}"))
                        .Concat(diff.Renamed.Select(r => $"R  {r.From} -> {r.To}"))
                )
                {
                    Console.Out.WriteLine(line);
                }
            }
        );
    }

    private static Command Commit()
    {
        var (name, path) = (
            Name(),
            new Argument<string>("path") { Description = "File or folder: the complete content of the new version." }
        );
        var branch = new Option<string>("--branch", "-b")
        {
            Description = "Branch to commit to.",
            DefaultValueFactory = _ => DatasetCatalog.MainBranch,
        };
        var message = new Option<string?>("--message", "-m") { Description = "Version message." };
        return Working(
            new Command("commit", "Create the next version of a dataset.") { name, path, branch, message },
            async (datasets, store, parsed, cancellationToken) =>
            {
                var content = await store.Content.PutAsync(parsed.GetValue(path)!, cancellationToken);
                var head = await datasets.FindHeadAsync(parsed.GetValue(name)!, parsed.GetValue(branch)!, cancellationToken);
                var version = await datasets.CommitAsync(
                    parsed.GetValue(name)!,
                    new DatasetCommit
                    {
                        Branch = parsed.GetValue(branch)!,
                        Parent = head,
                        Digest = content.Digest,
                        Size = content.Size,
                        Message = parsed.GetValue(message),
                        By = Environment.UserName,
                    },
                    cancellationToken
                );
                Console.Out.WriteLine($"{parsed.GetValue(name)} version {version.Number}: {version.Digest}, {version.FileCount} files.");
            }
        );
    }

    private static Command Get()
    {
        var (name, version) = (Name(), Version());
        var output = new Option<string>("--out", "-o") { Description = "Destination folder. It must not exist.", Required = true };
        return Working(
            new Command("get", "Download a version to a folder.") { name, version, output },
            async (datasets, store, parsed, cancellationToken) =>
            {
                var found = await datasets.ResolveAsync(parsed.GetValue(name)!, parsed.GetValue(version)!, cancellationToken);
                await store.Content.GetAsync(
                    new ContentRef(found.Digest, found.Size ?? 0, found.FileCount),
                    Path.GetFullPath(parsed.GetValue(output)!),
                    cancellationToken
                );
            }
        );
    }

    private static Command Tag()
    {
        var (name, tag, version) = (Name(), new Argument<string>("tag"), Version());
        var force = new Option<bool>("--force", "-f") { Description = "Move an existing tag." };
        var delete = new Option<bool>("--delete", "-d") { Description = "Delete the tag." };
        return Working(
            new Command("tag", "Tag a version.") { name, tag, version, force, delete },
            async (datasets, _, parsed, cancellationToken) =>
            {
                if (parsed.GetValue(delete))
                {
                    var isGone = await datasets.RemoveTagAsync(parsed.GetValue(name)!, parsed.GetValue(tag)!, cancellationToken);
                    Console.Out.WriteLine(
                        isGone
                            ? "Tag deleted. The version is kept."
                            : throw ServerlessException.NotFound($"Tag '{parsed.GetValue(tag)}' does not exist.")
                    );
                    return;
                }

                var made = await datasets.SetTagAsync(
                    parsed.GetValue(name)!,
                    parsed.GetValue(tag)!,
                    parsed.GetValue(version)!,
                    Environment.UserName,
                    parsed.GetValue(force),
                    cancellationToken
                );
                Console.Out.WriteLine($"{made.Name}: version {made.Version}");
            }
        );
    }

    private static Command Lineage()
    {
        var (name, version) = (Name(), Version());
        var json = new Option<bool>("--json") { Description = "Write one JSON object." };
        return Working(
            new Command("lineage", "Show which runs created a version, and which runs and models used it.") { name, version, json },
            async (workspace, parsed, cancellationToken) =>
            {
                var dataset = parsed.GetValue(name)!;
                var found = await workspace.Datasets.ResolveAsync(dataset, parsed.GetValue(version)!, cancellationToken);
                var lineage = await DatasetLineage.OfAsync(workspace, found.Digest, found, cancellationToken);
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(JsonSerializer.Serialize(lineage, StorageJson.Options));
                    return;
                }

                if (lineage.MadeByRun is { } run)
                {
                    Console.Out.WriteLine($"made by  run {run}");
                }

                foreach (var (what, use) in lineage.MadeBy.Select(m => ("made by", m)).Concat(lineage.UsedBy.Select(u => ("used by", u))))
                {
                    Console.Out.WriteLine($"{what}  run {use.RunId}  task {use.Task}  as {use.Name}");
                }

                foreach (var model in lineage.Models)
                {
                    Console.Out.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"used by  model {model.Name} version {model.Version}  {model.Stage}  run {model.RunId}"
                        )
                    );
                }

                foreach (var same in lineage.Versions.Where(v => v.Version != found.Number || v.Dataset != dataset))
                {
                    Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"same as  {same.Dataset} version {same.Version}"));
                }
            }
        );
    }

    private static async Task<DirectoryListing> ListingAsync(
        DatasetCatalog datasets,
        string name,
        string version,
        CancellationToken cancellationToken
    ) => await datasets.ListFilesAsync(name, await datasets.ResolveAsync(name, version, cancellationToken), cancellationToken);

    private static Argument<string> Name() => new("dataset") { Description = "Dataset name." };

    private static Argument<string> Version() =>
        new("version") { Description = "Version: a number, tag, branch or digest.", DefaultValueFactory = _ => DatasetCatalog.MainBranch };

    private static Command Working(Command command, Func<DatasetCatalog, Store, ParseResult, CancellationToken, Task> work) =>
        Working(command, (workspace, parsed, cancellationToken) => work(workspace.Datasets, workspace.Store, parsed, cancellationToken));

    private static Command Working(Command command, Func<WorkspaceServices, ParseResult, CancellationToken, Task> work)
    {
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                await work(host.Workspaces.Get(host.Store.Workspace), parsed, cancellationToken);
                return 0;
            }
        );
        return command;
    }
}
