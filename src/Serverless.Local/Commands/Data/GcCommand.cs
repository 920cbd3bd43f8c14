using System.CommandLine;
using System.Globalization;
using Serverless.Core;
using Serverless.Data.Maintenance;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>Garbage collection: a dry run by default, and reversible until purged.</summary>
internal static class GcCommand
{
    private const int DefaultGraceDays = 7;
    private const int DefaultKeepDays = 14;

    public static Command Create()
    {
        var workspace = new Option<bool>("--workspace", "-w") { Description = "Keep content used by the workspace." };
        var branches = new Option<bool>("--all-branches", "-a") { Description = "Keep content used by all branches." };
        var tags = new Option<bool>("--all-tags", "-T") { Description = "Keep content used by all tags." };
        var commits = new Option<bool>("--all-commits", "-A") { Description = "Keep content used by all commits." };
        var projects = new Option<string[]>("--projects", "-p")
        {
            Description = "Other repositories that share the cache or remote. Their content is kept.",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.ZeroOrMore,
        };
        var alone = new Option<bool>("--only-project") { Description = "Confirm that no other repository uses the remote." };
        var cloud = CloudOption();
        var remote = RemoteOption();
        var jobs = new Option<int?>("--jobs", "-j") { Description = "Number of parallel requests." };
        var grace = new Option<double>("--grace")
        {
            Description = "Days to keep unused content.",
            DefaultValueFactory = _ => DefaultGraceDays,
        };
        var apply = new Option<bool>("--force", "-f", "--apply")
        {
            Description = "Apply the collection. Without this option, gc only lists what it would collect.",
        };
        var dry = new Option<bool>("--dry", "--dry-run")
        {
            Description = "List what gc would collect. This is the default without --force.",
        };
        var command = new Command("gc", "Set unused content aside. Only lists it unless --force is given.")
        {
            workspace,
            branches,
            tags,
            commits,
            projects,
            alone,
            cloud,
            remote,
            jobs,
            grace,
            apply,
            dry,
            Undo(),
            Purge(),
            Trash(),
        }.WithExample("mlops gc -w\nmlops gc -A -c --projects ../other --force\nmlops gc undo -c");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                var selection = new UsedSelection
                {
                    Workspace =
                        parsed.GetValue(workspace) || parsed.GetValue(branches) || parsed.GetValue(tags) || parsed.GetValue(commits),
                    AllBranches = parsed.GetValue(branches),
                    AllTags = parsed.GetValue(tags),
                    AllCommits = parsed.GetValue(commits),
                };
                if (!selection.Workspace)
                {
                    throw ServerlessException.Invalid(
                        "Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags` or `-A|--all-commits` needs to be set.",
                        "These options select the content to keep."
                    );
                }

                var (isCloud, isReal) = (parsed.GetValue(cloud), parsed.GetValue(apply) && !parsed.GetValue(dry));
                var others = parsed.GetValue(projects) ?? [];
                if (isCloud && isReal && others.Length == 0 && !parsed.GetValue(alone))
                {
                    throw ServerlessException.Invalid(
                        "Other repositories may use this remote, and their content would be collected.",
                        "List them with `--projects ../a ../b`, or confirm that there are none with `--only-project`."
                    );
                }

                await using var store = Open(repository, isCloud, parsed.GetValue(remote));
                var use = new GarbageUse(isCloud ? store : null);
                await use.AddAsync(repository, selection, runCache: true, cancellationToken);
                foreach (var path in others)
                {
                    using var other = Repository.Open(path);
                    await use.AddAsync(other, selection, runCache: true, cancellationToken);
                }

                if (isCloud && await PlatformRecords.OfAsync(store, repository, parsed.GetValue(remote), cancellationToken) is { } records)
                {
                    await use.AddAsync(records, repository.Cache, cancellationToken);
                }

                var collection = new GarbageCollection(store, TimeProvider.System, parsed.GetValue(jobs));
                // No push can be in progress into a local cache: unused content is collected whatever its age, as in DVC.
                var period =
                    isCloud || parsed.GetResult(grace) is { Implicit: false } ? TimeSpan.FromDays(parsed.GetValue(grace)) : TimeSpan.Zero;
                var plan = await collection.PlanAsync(use.Used, period, cancellationToken);
                Show(plan, store.Url, isReal);
                if (!isReal || plan.Goes.Count == 0)
                {
                    return 0;
                }

                var record = await collection.CollectAsync(plan, cancellationToken);
                new RemoteIndex(repository.TemporaryFolder, store).Clear();
                Console.Out.WriteLine(
                    $"Set aside as {record.Id}. Restore it with `mlops gc undo {record.Id}{(isCloud ? " -c" : "")}`, or delete it "
                        + "permanently with `mlops gc purge`."
                );
                return 0;
            }
        );
    }

    private static Command Undo()
    {
        var (id, cloud, remote) = (
            new Argument<string?>("id") { Description = "Collection ID. Omit for the latest.", Arity = ArgumentArity.ZeroOrOne },
            CloudOption(),
            RemoteOption()
        );
        return new Command("undo", "Restore content that a collection set aside.") { id, cloud, remote }.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                await using var store = Open(repository, parsed.GetValue(cloud), parsed.GetValue(remote));
                var collection = new GarbageCollection(store, TimeProvider.System);
                var all = await collection.ListTrashAsync(cancellationToken);
                var record =
                    (
                        parsed.GetValue(id) is { } named ? all.FirstOrDefault(r => r.Id == named)
                        : all.Count > 0 ? all[0]
                        : null
                    ) ?? throw ServerlessException.NotFound("No such collection to undo.", "List collections with `mlops gc trash`.");
                Console.Out.WriteLine($"{TransferOptions.Files(await collection.UndoAsync(record, cancellationToken), "restored")}.");
                return 0;
            }
        );
    }

    private static Command Purge()
    {
        var (cloud, remote) = (CloudOption(), RemoteOption());
        var days = new Option<double>("--older-than")
        {
            Description = "Minimum age in days since the content was set aside.",
            DefaultValueFactory = _ => DefaultKeepDays,
        };
        return new Command("purge", "Permanently delete content that was set aside.") { cloud, remote, days }.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                await using var store = Open(repository, parsed.GetValue(cloud), parsed.GetValue(remote));
                var collection = new GarbageCollection(store, TimeProvider.System);
                var before = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(parsed.GetValue(days));
                var count = 0;
                foreach (var record in (await collection.ListTrashAsync(cancellationToken)).Where(r => r.At <= before))
                {
                    await collection.PurgeAsync(record, cancellationToken);
                    count += record.Names.Count;
                }

                Console.Out.WriteLine(count == 0 ? "Nothing to purge." : $"{TransferOptions.Files(count, "permanently deleted")}.");
                return 0;
            }
        );
    }

    private static Command Trash()
    {
        var (cloud, remote) = (CloudOption(), RemoteOption());
        return new Command("trash", "List content that was set aside.") { cloud, remote }.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                await using var store = Open(repository, parsed.GetValue(cloud), parsed.GetValue(remote));
                foreach (var record in await new GarbageCollection(store, TimeProvider.System).ListTrashAsync(cancellationToken))
                {
                    Console.Out.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{record.Id}  {record.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC  {record.Names.Count} objects, "
                                + $"{Size(record.Bytes)}"
                        )
                    );
                }

                return 0;
            }
        );
    }

    private static void Show(GarbagePlan plan, string where, bool isReal)
    {
        foreach (var item in plan.Goes)
        {
            Console.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"collect  {ObjectId.OfRemoteName(item.Name)}  {Size(item.Length)}  "
                        + $"of {item.LastModified.UtcDateTime:yyyy-MM-dd}: unused"
                )
            );
        }

        foreach (var reason in plan.Stays)
        {
            Console.Out.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"keep     {reason.Count} objects, {Size(reason.Bytes)}: {reason.Reason}")
            );
        }

        Console.Out.WriteLine(
            plan.Goes.Count == 0
                ? $"Nothing to collect in {where}."
                : $"{plan.Goes.Count} objects ({Size(plan.Bytes)}) {(isReal ? "collected from" : "would be collected from")} "
                    + $"{where}.{(isReal ? "" : " This was a dry run. Use --force to apply it.")}"
        );
    }

    private static IRemote Open(Repository repository, bool isCloud, string? remote) =>
        isCloud || remote is not null
            ? RemoteFactory.Open(repository.Config, remote?.ToLowerInvariant())
            : new FolderRemote(repository.Cache.Folder);

    private static Option<bool> CloudOption() => new("--cloud", "-c") { Description = "Use a remote instead of the cache." };

    private static Option<string?> RemoteOption() => new("--remote", "-r") { Description = "Remote to use. Omit for the default remote." };

    private static string Size(long bytes) =>
        bytes switch
        {
            < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
            < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
            < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F2} GiB"),
        };
}
